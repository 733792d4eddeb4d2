"""`seedwise schema`."""

import json


def test_schema_is_json_schema(cli):
    schema = json.loads(cli("schema").out)
    assert {"study", "task", "methods", "seeds"} <= set(schema["properties"])
