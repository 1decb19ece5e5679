"""A Python server of the same model: serve_peer.py onnx|joblib|joblib-shap MODEL PORT.

What a careful team would write: pydantic checks the body, uvicorn runs on uvloop and httptools, one process.
"""

import sys

import numpy as np
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel, Field

KIND, MODEL, PORT = sys.argv[1], sys.argv[2], int(sys.argv[3])


class Patient(BaseModel):
    pregnancies: float = Field(ge=0, le=20)
    glucose: float = Field(ge=0, le=600)
    blood_pressure: float = Field(ge=0, le=300)
    skin_thickness: float = Field(ge=0, le=120)
    insulin: float = Field(ge=0, le=2000)
    bmi: float = Field(ge=0, le=100)
    diabetes_pedigree_function: float = Field(ge=0, le=5)
    age: float = Field(ge=0, le=120)


app = FastAPI()

if KIND == "onnx":
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(MODEL, options, providers=["CPUExecutionProvider"])
    entry = session.get_inputs()[0].name
    outputs = [output.name for output in session.get_outputs()]

    def probability(row):
        answer = session.run([outputs[-1]], {entry: row})[0]
        return float(answer[0][1])

else:
    import joblib

    forest = joblib.load(MODEL)

    def probability(row):
        return float(forest.predict_proba(row)[0, 1])


if KIND == "joblib-shap":
    import shap

    explainer = shap.TreeExplainer(forest)


@app.post("/predict")
async def predict(patient: Patient):
    row = np.array([list(patient.model_dump().values())], dtype=np.float32)
    chance = probability(row)
    level = "Low" if chance < 0.4 else "Moderate" if chance < 0.7 else "High"
    answer = {
        "prediction": int(chance >= 0.5),
        "probability": chance,
        "risk_level": level,
        "message": f"{level} diabetes risk",
    }
    if KIND == "joblib-shap":
        answer["shap"] = explainer.shap_values(row)[0, :, 1].tolist()
    return answer


uvicorn.run(app, host="127.0.0.1", port=PORT, log_level="error", access_log=False, loop="uvloop", http="httptools")
