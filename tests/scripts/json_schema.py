#!/usr/bin/env python3
"""What `jetpinn check --schema` prints is a JSON Schema, takes every config that is shipped, and refuses configs that are wrong.

  json_schema.py ROOT PROGRAM"""
import copy
import json
import pathlib
import subprocess
import sys

try:
    import jsonschema
    import tomllib
except ImportError as missing:
    print(f"not run: no Python package {missing.name}")
    sys.exit(77)


def change(config, path, value):
    """A copy in which one key has another value; None: is left out."""
    config = copy.deepcopy(config)
    *way, last = path
    at = config
    for part in way:
        at = at[part]
    if value is None:
        del at[last]
    else:
        at[last] = value
    return config


def main():
    root, program = pathlib.Path(sys.argv[1]), sys.argv[2]
    text = subprocess.run([program, "check", "--schema"], check=True, capture_output=True, text=True).stdout
    schema = json.loads(text)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    configs = sorted([*root.glob("configs/*.toml"), *root.glob("perf/configs/*.toml")])
    assert configs, "there are no configs"
    wrong = []
    for path in configs:
        for error in validator.iter_errors(tomllib.loads(path.read_text())):
            wrong.append(f"{path.name}: {error.json_path}: {error.message[:200]}")
    heat = tomllib.loads((root / "configs/heat_1d.toml").read_text())
    right = [(("problem", "trainable"), {"k": 0.1}), (("problem", "trainable"), {"k": {"start": "1/3", "max": 1}}),
             (("problem", "parameters"), {"Re": [10, "10^2"]}), (("gate",), {}), (("output",), {"log_every": 3})]
    refused = [(("problme",), {}), (("problem", "coordinates"), "x"), (("problem", "domain"), None), (("problem", "equations"), []),
               (("problem", "equations", 0, "residual"), None), (("problem", "parameters"), {"Re": [10]}),
               (("problem", "trainable"), {"k": {"max": 1}}), (("training", "seed"), 1.5), (("training", "precision"), "fp8"),
               (("network", "hidden"), [0]), (("network", "hidden"), []), (("gate",), {"target": 2}),
               (("training", "stages", 0, "optimizer"), "sgd")]
    for path, value in right:
        wrong += [f"{path} = {value}: {error.message[:200]}" for error in validator.iter_errors(change(heat, path, value))]
    for path, value in refused:
        if validator.is_valid(change(heat, path, value)):
            wrong.append(f"{path} = {value} is taken")
    print("\n".join(wrong) or f"{len(configs)} configs")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
