"""
Writes templates.json.gz: what transformers makes of chat templates, text and generated spans, or its error.
Run in an environment with transformers and jinja2: python templates.py
"""
import datetime, gzip, json, random, sys
from pathlib import Path
import transformers.utils.chat_template_utils as utils
from template_sources import FEATURES, WORLD, generated

HERE = Path(__file__).parent
NOW = datetime.datetime(2024, 2, 3, 4, 5, 6)


class Clock(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return NOW


utils.datetime = Clock
TOKENS = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>"}
S = lambda content: {"role": "system", "content": content}
U = lambda content: {"role": "user", "content": content}
A = lambda content, **more: {"role": "assistant", "content": content, **more}
TALKS = [
    [U("Hi")],
    [S(" Be brief. "), U('Say "hi" <b> & \'bye\'\tnow'), A("<think>\nhm\n</think>\n\nHello é."), U("More?\nYes."), A("Fine.")],
    [U("héllo 🙂 wörld"), A("Ünï 日本語", reasoning_content="Let me think.\n"), U("2"), A("  spaced  ", reasoning_content="")],
    [U("a"), A("b"), U("c"), A("d"), U("e"), A("f")],
    [S(""), U(" \n "), A("x\r\ny")],
    [U("one"), U("two"), A("three")],
    [A("first"), U("then")],
]


def outcome(source, talk, prompt):
    tracked = "generation" in source
    try:
        texts, spans = utils.render_jinja_template(
            conversations=[utils._normalize_chat_messages(talk)],
            chat_template=source,
            add_generation_prompt=prompt,
            return_assistant_tokens_mask=tracked,
            **TOKENS,
        )
    except Exception as error:  # every error of Jinja or Python counts the same
        return {"error": f"{type(error).__name__}: {error}"[:200]}
    text = texts[0]
    if " object at 0x" in text or " at 0x" in text:
        return {"error": "prints an address"}
    units = lambda place: len(text[:place].encode("utf-16-le")) // 2
    found = {"text": text}
    if tracked and spans[0]:
        found["spans"] = [[units(a), units(b)] for a, b in spans[0]]
    return found


def main():
    random.seed(7)
    templates = [*WORLD.items(), *((f"feature {i}", source) for i, source in enumerate(FEATURES)), *generated()]
    names = set()
    cases = []
    for name, source in templates:
        assert name not in names, name
        names.add(name)
        results = [outcome(source, talk, prompt) for talk in TALKS for prompt in (False, True)]
        cases.append({"name": name, "source": source, "results": results})
    data = {"talks": TALKS, "tokens": TOKENS, "now": [2024, 1, 3, 4, 5, 6], "cases": cases}
    raw = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
    (HERE / "templates.json.gz").write_bytes(gzip.compress(raw, 9, mtime=0))
    errors = sum("error" in result for case in cases for result in case["results"])
    print(len(cases), "templates,", len(cases) * len(TALKS) * 2, "renderings,", errors, "errors", file=sys.stderr)


if __name__ == "__main__":
    main()
