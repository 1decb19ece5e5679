/// The schema of the vitals topic that the product ships with.
public enum VitalsSchema {
  /// The schema as it is when no other is given; the same as `Schemas/vitals.avsc`.
  public static let bundled: RecordSchema = {
    do {
      return try RecordSchema.parse(avro: Array(avro.utf8))
    } catch {
      preconditionFailure("the bundled schema does not parse: \(error)")
    }
  }()

  /// The text of `Schemas/vitals.avsc`, byte for byte; that file is the source, and a test compares the two.
  public static let avro = #"""
    {
      "type": "record",
      "name": "Vitals",
      "namespace": "lake.vitals",
      "doc": "One reading of a patient's vital signs. Sensors fall off: any vital may be missing, but not all.",
      "eventTime": "event_time",
      "key": "patient_id",
      "atLeastOneOf": ["heart_rate", "spo2", "systolic_bp", "diastolic_bp", "respiratory_rate", "temperature"],
      "fields": [
        {
          "name": "patient_id",
          "type": "string",
          "doc": "The patient, as the hospital identifies them; also the key of the message."
        },
        {
          "name": "event_time",
          "type": { "type": "long", "logicalType": "timestamp-millis" },
          "doc": "When the reading was taken, in milliseconds since 1970-01-01 UTC."
        },
        {
          "name": "heart_rate",
          "type": ["null", "double"],
          "default": null,
          "doc": "Heart rate. Normal and critical as the pulse scores 0 and 3 in NEWS2.",
          "unit": "/min",
          "loinc": "8867-4",
          "limits": [1, 350],
          "normal": [51, 90],
          "warning": [41, 130]
        },
        {
          "name": "spo2",
          "type": ["null", "double"],
          "default": null,
          "doc": "Oxygen saturation by pulse oximetry. Normal and critical as it scores 0 and 3 on scale 1 of NEWS2.",
          "unit": "%",
          "loinc": "59408-5",
          "limits": [1, 100],
          "normal": [96, 100],
          "warning": [92, 100]
        },
        {
          "name": "systolic_bp",
          "type": ["null", "double"],
          "default": null,
          "doc": "Systolic blood pressure. Normal and critical as it scores 0 and 3 in NEWS2.",
          "unit": "mm[Hg]",
          "loinc": "8480-6",
          "limits": [10, 350],
          "normal": [111, 219],
          "warning": [91, 219]
        },
        {
          "name": "diastolic_bp",
          "type": ["null", "double"],
          "default": null,
          "doc": "Diastolic blood pressure. It does not score in NEWS2; the ranges are those of common ward practice.",
          "unit": "mm[Hg]",
          "loinc": "8462-4",
          "limits": [5, 250],
          "normal": [60, 89],
          "warning": [40, 119]
        },
        {
          "name": "respiratory_rate",
          "type": ["null", "double"],
          "default": null,
          "doc": "Breaths a minute. Normal and critical as it scores 0 and 3 in NEWS2.",
          "unit": "/min",
          "loinc": "9279-1",
          "limits": [1, 120],
          "normal": [12, 20],
          "warning": [9, 24]
        },
        {
          "name": "temperature",
          "type": ["null", "double"],
          "default": null,
          "doc": "Body temperature. Normal and critical as it scores 0 and 3 in NEWS2, which knows no critical fever.",
          "unit": "Cel",
          "loinc": "8310-5",
          "limits": [10, 46],
          "normal": [36.1, 38.0],
          "warning": [35.1, 46]
        },
        {
          "name": "consciousness",
          "type": ["null", { "type": "enum", "name": "Consciousness", "symbols": ["A", "C", "V", "P", "U"] }],
          "default": null,
          "doc": "Level of consciousness (ACVPU): alert, new confusion, responds to voice, to pain, unresponsive."
        },
        {
          "name": "supplemental_oxygen",
          "type": ["null", "boolean"],
          "default": null,
          "doc": "Whether the patient breathes oxygen rather than air."
        },
        {
          "name": "device_id",
          "type": ["null", "string"],
          "default": null,
          "doc": "The device that took the reading."
        }
      ]
    }

    """#
}
