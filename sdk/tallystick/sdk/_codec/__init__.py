"""From a contract's Avro types to what a generated class does: Avro bytes and JSON forms, in and out.

    leaf       what is said of a type that holds no other: value <-> Avro's raw value, value <-> JSON
    leaves     all of these; moments: those of time
    unions     which branch a value belongs to
    binding    which Python class and attribute stands for which Avro name
    encode     values -> Avro bytes
    decode     Avro bytes -> values; resolve: through the writer's schema; skip: past what is not wanted
    plain      values -> JSON
    wire       JSON -> values

Each builds closures once per class; a table says what each Avro type gets.
"""
