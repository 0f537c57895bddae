"""The demo: events with a known truth travel through the whole platform, and every figure is checked against it.

simulator ─┐                                        ┌─ checks ─► summary.json
players  ──┴─► Traffic ─► runner ─► SDK ► API ► Kafka ► Bronze ► Silver ► Gold ─┤
                  └── truth (known beforehand, computed apart from the pipeline) ┴─ report.html
"""
