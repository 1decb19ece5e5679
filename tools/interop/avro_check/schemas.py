"""Random schemas of writers that are near to a reader's, and random records of them."""

import copy
import random

NUMBERS = ["int", "long", "float", "double"]
SYMBOLS = ["RED", "GREEN", "BLUE", "GREY"]


def nested(chance, depth=0):
    """A type of any shape, for fields that a reader passes over."""
    kinds = ["null", "boolean", "int", "long", "float", "double", "string", "bytes", "fixed", "enum"]
    if depth < 3:
        kinds += ["array", "map", "union", "record"]
    kind = chance.choice(kinds)
    name = f"T{chance.randrange(10**12)}"
    if kind == "fixed":
        return {"type": "fixed", "name": name, "size": chance.randrange(5)}
    if kind == "enum":
        return {"type": "enum", "name": name, "symbols": SYMBOLS[: chance.randint(1, 4)]}
    if kind == "array":
        return {"type": "array", "items": nested(chance, depth + 1)}
    if kind == "map":
        return {"type": "map", "values": nested(chance, depth + 1)}
    if kind == "union":
        return ["null", chance.choice(["int", "string"]), {"type": "array", "items": nested(chance, depth + 1)}]
    if kind == "record":
        fields = [{"name": f"f{n}", "type": nested(chance, depth + 1)} for n in range(chance.randrange(4))]
        return {"type": "record", "name": name, "fields": fields}
    return kind


def reader(chance):
    """A flat record as a table has it, without what only the product does with fields."""
    fields = []
    for number in range(chance.randint(4, 9)):
        base = chance.choice(["boolean", *NUMBERS, "string", "bytes", "enum", "date", "millis", "micros"])
        kind = {
            "enum": {"type": "enum", "name": f"E{number}", "symbols": SYMBOLS[:3]},
            "date": {"type": "int", "logicalType": "date"},
            "millis": {"type": "long", "logicalType": "timestamp-millis"},
            "micros": {"type": "long", "logicalType": "timestamp-micros"},
        }.get(base, base)
        field = {"name": f"c{number}", "type": kind}
        if chance.random() < 0.5:
            field = {"name": f"c{number}", "type": ["null", kind], "default": None}
        elif chance.random() < 0.6:
            field["default"] = {
                "boolean": True, "int": -7, "long": 1 << 40, "float": 0.5, "double": -0.1, "string": "säge",
                "bytes": "A", "enum": "GREEN", "date": 3, "millis": 5, "micros": 6,
            }[base]  # fmt: skip
        if chance.random() < 0.3:
            field["aliases"] = [f"old{number}"]
        fields.append(field)
    return {"type": "record", "name": "R", "fields": fields}


def writer(chance, table):
    """The reader's schema after some years in another house."""
    fields = []
    for field in copy.deepcopy(table["fields"]):
        # Without a required field nothing of a writer can be read: rarely.
        if chance.random() < (0.2 if "default" in field else 0.01):
            continue
        aliases = field.pop("aliases", [])
        field.pop("default", None)
        if aliases and chance.random() < 0.5:
            field["name"] = aliases[0]
        kind = field["type"][1] if isinstance(field["type"], list) else field["type"]
        field["type"] = varied(chance, kind, isinstance(field["type"], list))
        fields.append(field)
    for number in range(chance.randrange(4)):
        fields.append({"name": f"extra{number}", "type": nested(chance)})
    chance.shuffle(fields)
    return {"type": "record", "name": "R", "fields": fields}


def varied(chance, kind, is_nullable):
    """A type that goes into the reader's, or now and then one that does not."""
    narrower = {
        "long": ["int", "long"], "float": ["int", "long", "float"], "double": NUMBERS,
        "string": ["string", "bytes"], "bytes": ["bytes", "string"],
    }  # fmt: skip
    if isinstance(kind, str) and chance.random() < 0.5:
        kind = chance.choice(narrower.get(kind, [kind]))
    elif isinstance(kind, dict) and kind["type"] == "enum" and chance.random() < 0.5:
        kind = {**kind, "symbols": chance.sample(SYMBOLS, 4) if chance.random() < 0.3 else SYMBOLS[2::-1]}
    if chance.random() < 0.02:
        kind = chance.choice(["boolean", "string", "double"])
    shape = chance.random()
    if shape < (0.35 if is_nullable else 0.05):
        return ["null", kind] if chance.random() < 0.7 else [kind, "null"]
    if shape < (0.45 if is_nullable else 0.08) and kind in NUMBERS:
        return [kind, "null", {"type": "array", "items": "int"}]
    return ["null", kind] if is_nullable and chance.random() < 0.5 else kind


def value(chance, kind):
    """A random value of a type, as fastavro takes it."""
    if isinstance(kind, list):
        return value(chance, chance.choice(kind))
    name = kind["type"] if isinstance(kind, dict) else kind
    if isinstance(kind, dict) and "logicalType" in kind:
        # Numbers, which the schema without its logical type takes as they are.
        return chance.randint(0, 20_000 if name == "int" else 1_800_000_000_000)
    plain = {
        "null": lambda: None,
        "boolean": lambda: chance.random() < 0.5,
        "int": lambda: chance.choice([0, -1, 63, -65, (1 << 31) - 1, -(1 << 31), chance.randint(-(1 << 31), 1 << 30)]),
        "long": lambda: chance.choice([0, -(1 << 63), (1 << 63) - 1, chance.randint(-(1 << 62), 1 << 62), 127, 16384]),
        "float": lambda: chance.choice([0.0, 1.5, -2.25, 1e30]),
        "double": lambda: chance.choice([0.0, -0.1, 1e300, 5e-324, chance.gauss(0, 1e6)]),
        "string": lambda: chance.choice(["", "a", "Grüße", "😀" * 3, "x" * 200]),
        "bytes": lambda: b"\xff\xfe\x00" if chance.random() < 0.05 else chance.choice([b"", b"abc", "ü".encode()]),
    }  # fmt: skip
    if name in plain:
        return plain[name]()
    if name == "fixed":
        return chance.randbytes(kind["size"])
    if name == "enum":
        return chance.choice(kind["symbols"])
    if name == "array":
        return [value(chance, kind["items"]) for _ in range(chance.randrange(4))]
    if name == "map":
        return {f"k{n}": value(chance, kind["values"]) for n in range(chance.randrange(4))}
    return {field["name"]: value(chance, field["type"]) for field in kind["fields"]}


def without_logical_types(schema):
    """The same schema with numbers in the place of times, so that nothing is lost on the way through datetime."""
    if isinstance(schema, dict):
        return {key: without_logical_types(part) for key, part in schema.items() if key != "logicalType"}
    return [without_logical_types(part) for part in schema] if isinstance(schema, list) else schema


def seeded(seed):
    return random.Random(seed)
