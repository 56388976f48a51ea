"""Chat templates for templates.py: some in the style of public models, a line or more for each feature, and random ones."""
import random

CHATML = "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"

WORLD = {
    "chatml": CHATML,
    "chatml with a default system turn": "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\nYou help.<|im_end|>\n' }}{% endif %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}",
    "llama 2": """{% if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}{% set system_message = messages[0]['content'] %}{% else %}{% set loop_messages = messages %}{% set system_message = false %}{% endif %}{% for message in loop_messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}{% if loop.index0 == 0 and system_message != false %}{% set content = '<<SYS>>\n' + system_message + '\n<</SYS>>\n\n' + message['content'] %}{% else %}{% set content = message['content'] %}{% endif %}{% if message['role'] == 'user' %}{{ bos_token + '[INST] ' + content.strip() + ' [/INST]' }}{% elif message['role'] == 'assistant' %}{{ ' '  + content.strip() + ' ' + eos_token }}{% endif %}{% endfor %}""",
    "llama 3": "{% set loop_messages = messages %}{% for message in loop_messages %}{% set content = '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n'+ message['content'] | trim + '<|eot_id|>' %}{% if loop.index0 == 0 %}{% set content = bos_token + content %}{% endif %}{{ content }}{% endfor %}{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}",
    "llama 3.1": """{{- bos_token }}
{%- if custom_tools is defined %}
    {%- set tools = custom_tools %}
{%- endif %}
{%- if not tools_in_user_message is defined %}
    {%- set tools_in_user_message = true %}
{%- endif %}
{%- if not date_string is defined %}
    {%- if strftime_now is defined %}
        {%- set date_string = strftime_now("%d %b %Y") %}
    {%- else %}
        {%- set date_string = "26 Jul 2024" %}
    {%- endif %}
{%- endif %}
{%- if not tools is defined %}
    {%- set tools = none %}
{%- endif %}

{#- The system turn comes first. #}
{%- if messages[0]['role'] == 'system' %}
    {%- set system_message = messages[0]['content']|trim %}
    {%- set messages = messages[1:] %}
{%- else %}
    {%- set system_message = "" %}
{%- endif %}

{{- "<|start_header_id|>system<|end_header_id|>\\n\\n" }}
{%- if tools is not none %}
    {{- "Environment: ipython\\n" }}
{%- endif %}
{{- "Cutting Knowledge Date: December 2023\\n" }}
{{- "Today Date: " + date_string + "\\n\\n" }}
{{- system_message }}
{{- "<|eot_id|>" }}
{%- for message in messages %}
    {%- if not (message.role == 'ipython' or message.role == 'tool' or 'tool_calls' in message) %}
        {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n'+ message['content'] | trim + '<|eot_id|>' }}
    {%- elif 'tool_calls' in message %}
        {{- raise_exception("tools") }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}
{%- endif %}
""",
    "mistral": "{{ bos_token }}{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}{% if message['role'] == 'user' %}{{ '[INST] ' + message['content'] + ' [/INST]' }}{% elif message['role'] == 'assistant' %}{{ message['content'] + eos_token}}{% else %}{{ raise_exception('Only user and assistant roles are supported!') }}{% endif %}{% endfor %}",
    "mistral nemo": """{%- if messages[0]["role"] == "system" %}
    {%- set system_message = messages[0]["content"] %}
    {%- set loop_messages = messages[1:] %}
{%- else %}
    {%- set loop_messages = messages %}
{%- endif %}
{%- if not tools is defined %}
    {%- set tools = none %}
{%- endif %}
{%- set user_messages = loop_messages | selectattr("role", "equalto", "user") | list %}

{%- for message in loop_messages | rejectattr("role", "equalto", "tool") | rejectattr("role", "equalto", "tool_results") | selectattr("tool_calls", "undefined") %}
    {%- if (message["role"] == "user") != (loop.index0 % 2 == 0) %}
        {{- raise_exception("After the optional system message, conversation roles must alternate user/assistant/user/assistant/...") }}
    {%- endif %}
{%- endfor %}

{{- bos_token }}
{%- for message in loop_messages %}
    {%- if message["role"] == "user" %}
        {%- if tools is not none and (message == user_messages[-1]) %}
            {{- "[AVAILABLE_TOOLS] [" }}
            {%- for tool in tools %}
                {{- tool | tojson }}
                {%- if not loop.last %}
                    {{- ", " }}
                {%- else %}
                    {{- "]" }}
                {%- endif %}
            {%- endfor %}
        {%- endif %}
        {%- if loop.last and system_message is defined %}
            {{- "[INST]" + system_message + "\\n\\n" + message["content"] + "[/INST]" }}
        {%- else %}
            {{- "[INST]" + message["content"] + "[/INST]" }}
        {%- endif %}
    {%- elif message["role"] == "assistant" %}
        {{- message["content"] + eos_token}}
    {%- else %}
        {{- raise_exception("Only user and assistant roles are supported, with the exception of an initial optional system message!") }}
    {%- endif %}
{%- endfor %}
""",
    "zephyr": "{% for message in messages %}\n{% if message['role'] == 'user' %}\n{{ '<|user|>\n' + message['content'] + eos_token }}\n{% elif message['role'] == 'system' %}\n{{ '<|system|>\n' + message['content'] + eos_token }}\n{% elif message['role'] == 'assistant' %}\n{{ '<|assistant|>\n'  + message['content'] + eos_token }}\n{% endif %}\n{% if loop.last and add_generation_prompt %}\n{{ '<|assistant|>' }}\n{% endif %}\n{% endfor %}",
    "gemma": "{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}{% if (message['role'] == 'assistant') %}{% set role = 'model' %}{% else %}{% set role = message['role'] %}{% endif %}{{ '<start_of_turn>' + role + '\n' + message['content'] | trim + '<end_of_turn>\n' }}{% endfor %}{% if add_generation_prompt %}{{'<start_of_turn>model\n'}}{% endif %}",
    "gemma 3": """{{ bos_token }}
{%- if messages[0]['role'] == 'system' -%}
    {%- if messages[0]['content'] is string -%}
        {%- set first_user_prefix = messages[0]['content'] + '

' -%}
    {%- else -%}
        {%- set first_user_prefix = messages[0]['content'][0]['text'] + '

' -%}
    {%- endif -%}
    {%- set loop_messages = messages[1:] -%}
{%- else -%}
    {%- set first_user_prefix = "" -%}
    {%- set loop_messages = messages -%}
{%- endif -%}
{%- for message in loop_messages -%}
    {%- if (message['role'] == 'user') != (loop.index0 % 2 == 0) -%}
        {{ raise_exception("Conversation roles must alternate user/assistant/user/assistant/...") }}
    {%- endif -%}
    {%- if (message['role'] == 'assistant') -%}
        {%- set role = "model" -%}
    {%- else -%}
        {%- set role = message['role'] -%}
    {%- endif -%}
    {{ '<start_of_turn>' + role + '
' + (first_user_prefix if loop.first else "") }}
    {%- if message['content'] is string -%}
        {{ message['content'] | trim }}
    {%- elif message['content'] is iterable -%}
        {%- for item in message['content'] -%}
            {%- if item['type'] == 'image' -%}
                {{ '<start_of_image>' }}
            {%- elif item['type'] == 'text' -%}
                {{ item['text'] | trim }}
            {%- endif -%}
        {%- endfor -%}
    {%- else -%}
        {{ raise_exception("Invalid content type") }}
    {%- endif -%}
    {{ '<end_of_turn>
' }}
{%- endfor -%}
{%- if add_generation_prompt -%}
    {{'<start_of_turn>model
'}}
{%- endif -%}
""",
    "phi 3": "{% for message in messages %}{% if message['role'] == 'system' %}{{'<|system|>\n' + message['content'] + '<|end|>\n'}}{% elif message['role'] == 'user' %}{{'<|user|>\n' + message['content'] + '<|end|>\n'}}{% elif message['role'] == 'assistant' %}{{'<|assistant|>\n' + message['content'] + '<|end|>\n'}}{% endif %}{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>\n' }}{% else %}{{ eos_token }}{% endif %}",
    "phi 4": "{% for message in messages %}{% if (message['role'] == 'system') %}{{'<|im_start|>system<|im_sep|>' + message['content'] + '<|im_end|>'}}{% elif (message['role'] == 'user') %}{{'<|im_start|>user<|im_sep|>' + message['content'] + '<|im_end|>'}}{% elif (message['role'] == 'assistant') %}{{'<|im_start|>assistant<|im_sep|>' + message['content'] + '<|im_end|>'}}{% endif %}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant<|im_sep|>' }}{% endif %}",
    "phi 4 mini": "{% for message in messages %}{% if message['role'] == 'system' and 'tools' in message and message['tools'] is not none %}{{ '<|' + message['role'] + '|>' + message['content'] + '<|tool|>' + message['tools'] + '<|/tool|>' + '<|end|>' }}{% else %}{{ '<|' + message['role'] + '|>' + message['content'] + '<|end|>' }}{% endif %}{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>' }}{% else %}{{ eos_token }}{% endif %}",
    "qwen 2.5": """{%- if tools %}
    {{- '<|im_start|>system\\n' }}
    {%- if messages[0]['role'] == 'system' %}
        {{- messages[0]['content'] }}
    {%- else %}
        {{- 'You are a helper.' }}
    {%- endif %}
    {{- "\\n\\n# Tools\\n<tools>" }}
    {%- for tool in tools %}
        {{- "\\n" }}
        {{- tool | tojson }}
    {%- endfor %}
{%- else %}
    {%- if messages[0]['role'] == 'system' %}
        {{- '<|im_start|>system\\n' + messages[0]['content'] + '<|im_end|>\\n' }}
    {%- else %}
        {{- '<|im_start|>system\\nYou are a helper.<|im_end|>\\n' }}
    {%- endif %}
{%- endif %}
{%- for message in messages %}
    {%- if (message.role == "user") or (message.role == "system" and not loop.first) or (message.role == "assistant" and not message.tool_calls) %}
        {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}
    {%- elif message.role == "assistant" %}
        {{- '<|im_start|>' + message.role }}
        {%- if message.content %}
            {{- '\\n' + message.content }}
        {%- endif %}
        {{- '<|im_end|>\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
{%- endif %}
""",
    "qwen 3": """{%- if messages[0].role == 'system' %}
    {{- '<|im_start|>system\\n' + messages[0].content + '<|im_end|>\\n' }}
{%- endif %}
{%- set ns = namespace(multi_step_tool=true, last_query_index=messages|length - 1) %}
{%- for message in messages[::-1] %}
    {%- set index = (messages|length - 1) - loop.index0 %}
    {%- if ns.multi_step_tool and message.role == "user" and message.content is string and not(message.content.startswith('<tool_response>') and message.content.endswith('</tool_response>')) %}
        {%- set ns.multi_step_tool = false %}
        {%- set ns.last_query_index = index %}
    {%- endif %}
{%- endfor %}
{%- for message in messages %}
    {%- if message.content is string %}
        {%- set content = message.content %}
    {%- else %}
        {%- set content = '' %}
    {%- endif %}
    {%- if (message.role == "user") or (message.role == "system" and not loop.first) %}
        {{- '<|im_start|>' + message.role + '\\n' + content + '<|im_end|>' + '\\n' }}
    {%- elif message.role == "assistant" %}
        {%- set reasoning_content = '' %}
        {%- if message.reasoning_content is string %}
            {%- set reasoning_content = message.reasoning_content %}
        {%- else %}
            {%- if '</think>' in content %}
                {%- set reasoning_content = content.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') %}
                {%- set content = content.split('</think>')[-1].lstrip('\\n') %}
            {%- endif %}
        {%- endif %}
        {%- if loop.index0 > ns.last_query_index %}
            {%- if loop.last or (not loop.last and reasoning_content) %}
                {{- '<|im_start|>' + message.role + '\\n<think>\\n' + reasoning_content.strip('\\n') + '\\n</think>\\n\\n' + content.lstrip('\\n') }}
            {%- else %}
                {{- '<|im_start|>' + message.role + '\\n' + content }}
            {%- endif %}
        {%- else %}
            {{- '<|im_start|>' + message.role + '\\n' + content }}
        {%- endif %}
        {{- '<|im_end|>\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
    {%- if enable_thinking is defined and enable_thinking is false %}
        {{- '<think>\\n\\n</think>\\n\\n' }}
    {%- endif %}
{%- endif %}""",
    "deepseek r1": "{% if not add_generation_prompt is defined %}{% set add_generation_prompt = false %}{% endif %}{% set ns = namespace(is_first=false, is_tool=false, is_output_first=true, system_prompt='') %}{%- for message in messages %}{%- if message['role'] == 'system' %}{% set ns.system_prompt = message['content'] %}{%- endif %}{%- endfor %}{{bos_token}}{{ns.system_prompt}}{%- for message in messages %}{%- if message['role'] == 'user' %}{%- set ns.is_tool = false -%}{{'<|User|>' + message['content']}}{%- endif %}{%- if message['role'] == 'assistant' and message['content'] is none %}{%- set ns.is_tool = false -%}{%- for tool in message['tool_calls']%}{{'x'}}{%- endfor %}{%- endif %}{%- if message['role'] == 'assistant' and message['content'] is not none %}{%- if ns.is_tool %}{{'<|tool_end|>' + message['content'] + eos_token}}{%- set ns.is_tool = false -%}{%- else %}{% set content = message['content'] %}{% if '</think>' in content %}{% set content = content.split('</think>')[-1] %}{% endif %}{{'<|Assistant|>' + content + eos_token}}{%- endif %}{%- endif %}{%- endfor -%}{% if ns.is_tool %}{{'<|tool_end|>'}}{% endif %}{% if add_generation_prompt and not ns.is_tool %}{{'<|Assistant|><think>\\n'}}{% endif %}",
    "deepseek v3.1": "{% if not thinking is defined %}{% set thinking = false %}{% endif %}{% set ns = namespace(is_first=false, sp='', is_last_user=false) %}{% for message in messages %}{% if message['role'] == 'system' %}{% if not ns.is_first %}{% set ns.sp = ns.sp + message['content'] %}{% set ns.is_first = true %}{% else %}{% set ns.sp = ns.sp + '\n\n' + message['content'] %}{% endif %}{% endif %}{% endfor %}{{ bos_token }}{{ ns.sp }}{% for message in messages %}{% if message['role'] == 'user' %}{% set ns.is_last_user = true %}{{ '<|User|>' + message['content'] }}{% endif %}{% if message['role'] == 'assistant' %}{% if ns.is_last_user %}{{ '<|Assistant|>' }}{% if message['prefix'] is defined and message['prefix'] and thinking %}{{ '<think>' }}{% else %}{{ '</think>' }}{% endif %}{% endif %}{% set ns.is_last_user = false %}{{ message['content'] + eos_token }}{% endif %}{% endfor %}{% if add_generation_prompt and ns.is_last_user %}{{ '<|Assistant|>' }}{% if not thinking %}{{ '</think>' }}{% else %}{{ '<think>' }}{% endif %}{% endif %}",
    "command r": "{{ bos_token }}{% if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}{% set system_message = messages[0]['content'] %}{% elif false == true %}{% set loop_messages = messages %}{% set system_message = 'You are Command.' %}{% else %}{% set loop_messages = messages %}{% set system_message = false %}{% endif %}{% if system_message != false %}{{ '<|START_OF_TURN_TOKEN|><|SYSTEM_TOKEN|>' + system_message + '<|END_OF_TURN_TOKEN|>' }}{% endif %}{% for message in loop_messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Conversation roles must alternate') }}{% endif %}{% set content = message['content'] %}{% if message['role'] == 'user' %}{{ '<|START_OF_TURN_TOKEN|><|USER_TOKEN|>' + content.strip() + '<|END_OF_TURN_TOKEN|>' }}{% elif message['role'] == 'assistant' %}{{ '<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>'  + content.strip() + '<|END_OF_TURN_TOKEN|>' }}{% endif %}{% endfor %}{% if add_generation_prompt %}{{ '<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>' }}{% endif %}",
    "smollm3": """{#- parameters -#}
{%- if enable_thinking is not defined -%}
{%- set enable_thinking = true -%}
{%- endif -%}
{%- if enable_thinking -%}
  {%- set reasoning_mode = "/think" -%}
{%- else -%}
  {%- set reasoning_mode = "/no_think" -%}
{%- endif -%}
{{- "<|im_start|>system\\n" -}}
{%- if messages[0].role == "system" -%}
  {%- set system_message = messages[0].content -%}
  {%- if "/no_think" in system_message -%}
    {%- set reasoning_mode = "/no_think" -%}
  {%- endif -%}
  {%- set custom_instructions = system_message.replace("/no_think", "").replace("/think", "").rstrip() -%}
{%- endif -%}
{{- "## Metadata\\n\\n" -}}
{%- set today = strftime_now("%d %B %Y") -%}
{{- "Today Date: " ~ today ~ "\\n" -}}
{{- "Reasoning Mode: " + reasoning_mode + "\\n\\n" -}}
{%- if custom_instructions -%}
  {{- custom_instructions + "\\n\\n" -}}
{%- endif -%}
{{- "<|im_end|>\\n" -}}
{%- for message in messages -%}
  {%- set content = message.content if message.content is string else "" -%}
  {%- if message.role == "user" -%}
    {{ "<|im_start|>" + message.role + "\\n" + content + "<|im_end|>\\n" }}
  {%- elif message.role == "assistant" -%}
    {% generation %}
    {%- if reasoning_mode == "/think" -%}
      {{ "<|im_start|>assistant\\n" + content.lstrip("\\n") + "<|im_end|>\\n" }}
    {%- else -%}
      {{ "<|im_start|>assistant\\n" + "<think>\\n\\n</think>\\n" + content.lstrip("\\n") + "<|im_end|>\\n" }}
    {%- endif -%}
    {% endgeneration %}
  {%- elif message.role == "tool" -%}
    {{ "<|im_start|>user\\n" + content + "<|im_end|>\\n" }}
  {%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}
  {{- "<|im_start|>assistant\\n" -}}
{%- endif -%}
""",
    "granite": """{%- if messages[0]['role'] == 'system' %}
     {%- set system_message = messages[0]['content'] %}
     {%- set loop_messages = messages[1:] %}
 {%- else %}
     {%- set system_message = "Knowledge Cutoff Date: April 2024.\\nToday's Date: " + strftime_now('%B %d, %Y') + "." %}
     {%- if tools and documents %}
         {%- set system_message = system_message + " T" %}
     {%- elif tools %}
         {%- set system_message = system_message + " A" %}
     {%- elif thinking %}
     {%- set system_message = system_message + "Think." %}
     {%- else %}
         {%- set system_message = system_message + " You help." %}
     {%- endif %}
     {%- if 'citations' in controls and documents %}
         {%- set system_message = system_message + 'Cite.' %}
     {%- endif %}
     {%- set loop_messages = messages %}
 {%- endif %}
 {{- '<|start_of_role|>system<|end_of_role|>' + system_message + '<|end_of_text|>\\n' }}
 {%- if documents %}
     {%- for document in documents %}
         {{- document['text'] }}
     {%- endfor %}
 {%- endif %}
 {%- for message in loop_messages %}
     {{- '<|start_of_role|>' + message['role'] + '<|end_of_role|>' + message['content'] + '<|end_of_text|>\\n' }}
     {%- if loop.last and add_generation_prompt %}
         {{- '<|start_of_role|>assistant' }}
             {%- if controls %}
                 {{- ' ' + controls | tojson()}}
             {%- endif %}
         {{- '<|end_of_role|>' }}
     {%- endif %}
 {%- endfor %}""",
    "gpt-oss": """{%- macro render_builtin_tools(browser_tool, python_tool) -%}
    {%- if browser_tool %}
        {{- "## browser\\n\\n" }}
    {%- endif -%}
    {%- if python_tool %}
        {{- "## python\\n\\n" }}
    {%- endif -%}
{%- endmacro -%}
{%- macro build_system_message() -%}
    {%- if model_identity is not defined %}
        {%- set model_identity = "You are a model." %}
    {%- endif %}
    {{- model_identity + "\\n" }}
    {{- "Knowledge cutoff: 2024-06\\n" }}
    {{- "Current date: " + strftime_now("%Y-%m-%d") + "\\n\\n" }}
    {%- if reasoning_effort is not defined %}
        {%- set reasoning_effort = "medium" %}
    {%- endif %}
    {{- "Reasoning: " + reasoning_effort + "\\n\\n" }}
    {%- if builtin_tools %}
        {{- render_builtin_tools(true, false) }}
    {%- endif -%}
    {{- "# Valid channels: analysis, commentary, final." }}
{%- endmacro -%}
{#- Main -#}
{{- "<|start|>system<|message|>" }}
{{- build_system_message() }}
{{- "<|end|>" }}
{%- if messages[0].role == "developer" or messages[0].role == "system" %}
    {%- set developer_message = messages[0].content %}
    {%- set loop_messages = messages[1:] %}
{%- else %}
    {%- set developer_message = "" %}
    {%- set loop_messages = messages %}
{%- endif %}
{%- if developer_message or tools %}
    {{- "<|start|>developer<|message|># Instructions\\n\\n" + developer_message + "<|end|>" }}
{%- endif %}
{%- set last_tool_call = namespace(name=none) %}
{%- for message in loop_messages -%}
    {%- if message.role == 'assistant' -%}
        {%- if "content" in message %}
            {%- if "<|channel|>analysis<|message|>" in message.content or "<|channel|>final<|message|>" in message.content %}
                {{- raise_exception("You have passed a message containing <|channel|> tags in the content field.") }}
            {%- endif %}
        {%- endif %}
        {%- if loop.last and not add_generation_prompt %}
            {%- if "thinking" in message %}
                {{- "<|start|>assistant<|channel|>analysis<|message|>" + message.thinking + "<|end|>" }}
            {%- endif %}
            {{- "<|start|>assistant<|channel|>final<|message|>" + message.content + "<|return|>" }}
        {%- else %}
            {{- "<|start|>assistant<|channel|>final<|message|>" + message.content + "<|end|>" }}
            {%- set last_tool_call.name = none %}
        {%- endif %}
    {%- elif message.role == 'user' -%}
        {{- "<|start|>user<|message|>" + message.content + "<|end|>" }}
    {%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}
<|start|>assistant
{%- endif -%}
""",
    "falcon": "{% for message in messages %}{% if not loop.first %}{{ '\n' }}{% endif %}{{ message['role'] | capitalize ~ ': ' ~ message['content'] }}{% endfor %}{% if add_generation_prompt %}{{ '\nAssistant:' }}{% endif %}",
    "vicuna": "{% if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}{% set system_message = messages[0]['content'] %}{% else %}{% set loop_messages = messages %}{% set system_message = 'A chat.' %}{% endif %}{% for message in loop_messages %}{% if loop.index0 == 0 %}{{ system_message }}{% endif %}{% if message['role'] == 'user' %}{{ ' USER: ' + message['content'].strip() }}{% elif message['role'] == 'assistant' %}{{ ' ASSISTANT: ' + message['content'].strip() + eos_token }}{% endif %}{% endfor %}{% if add_generation_prompt %}{{ ' ASSISTANT:' }}{% endif %}",
    "alpaca": "{% for m in messages %}{% if m.role == 'system' %}{{ m.content|trim }}\n\n{% elif m.role == 'user' %}### Instruction:\n{{ m.content|trim }}\n\n{% else %}### Response:\n{{ m.content|trim }}{{ eos_token }}\n\n{% endif %}{% endfor %}{% if add_generation_prompt %}### Response:\n{% endif %}",
    "openchat": "{{ bos_token }}{% for message in messages %}{{ 'GPT4 Correct ' + message['role'].title() + ': ' + message['content'] + '<|end_of_turn|>'}}{% endfor %}{% if add_generation_prompt %}{{ 'GPT4 Correct Assistant:' }}{% endif %}",
    "yi": "{% if not add_generation_prompt is defined %}{% set add_generation_prompt = false %}{% endif %}{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}",
    "olmo": "{{ bos_token }}{% for message in messages %}\n{% if message['role'] == 'system' %}\n{{ '<|system|>\n' + message['content'] }}\n{% elif message['role'] == 'user' %}\n{{ '<|user|>\n' + message['content'] }}\n{% elif message['role'] == 'assistant' %}\n{% generation %}\n{{ '<|assistant|>\n'  + message['content'] + eos_token }}\n{% endgeneration %}\n{% endif %}\n{% if loop.last and add_generation_prompt %}\n{{ '<|assistant|>' }}\n{% endif %}\n{% endfor %}",
    "glm": "[gMASK]<sop>\n{%- for m in messages %}\n{%- if m.role == 'user' %}<|user|>\n{{ m.content }}\n{%- elif m.role == 'assistant' %}<|assistant|>\n{%- set reasoning_content = '' %}\n{%- set content = m.content %}\n{%- if m.reasoning_content is string %}{%- set reasoning_content = m.reasoning_content %}\n{%- else %}\n{%- if '</think>' in content %}{%- set reasoning_content = content.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') %}{%- set content = content.split('</think>')[-1].lstrip('\\n') %}{%- endif %}\n{%- endif %}\n{%- if reasoning_content %}\n{{ '\\n<think>' + reasoning_content.strip() +  '</think>'}}\n{%- endif -%}\n{%- if content.strip() -%}\n{{ '\\n' + content.strip() }}\n{%- endif -%}\n{%- elif m.role == 'system' -%}\n<|system|>\n{{ m.content }}\n{%- endif %}\n{%- endfor %}\n{%- if add_generation_prompt -%}\n<|assistant|>{{- '\\n<think></think>' if (enable_thinking is defined and not enable_thinking) else '' -}}\n{%- endif -%}",
    "kimi": "{%- for message in messages -%}{%- if loop.first and messages[0]['role'] != 'system' -%}<|im_system|>system<|im_middle|>You help<|im_end|>{%- endif -%}{%- if message['role'] == 'system' -%}<|im_system|>{%- elif message['role'] == 'user' -%}<|im_user|>{%- else -%}<|im_assistant|>{%- endif -%}{{ message['role'] }}<|im_middle|>{{ message['content'] }}<|im_end|>{%- endfor -%}{%- if add_generation_prompt -%}<|im_assistant|>assistant<|im_middle|>{%- endif -%}",
    "exaone": "{% for message in messages %}{% if loop.first and message['role'] != 'system' %}{{ '[|system|][|endofturn|]\n' }}{% endif %}{{ '[|' + message['role'] + '|]' + message['content'] }}{% if loop.last and not add_generation_prompt or message['role'] != 'user' %}{{ '[|endofturn|]' }}{% endif %}{{ '\n' }}{% endfor %}{% if add_generation_prompt %}{{ '[|assistant|]' }}{% endif %}",
    "hermes tools": "{%- macro json_to_python_type(json_spec) %}\n{%- set basic_type_map = {\"string\": \"str\", \"number\": \"float\", \"integer\": \"int\"} %}\n{%- if basic_type_map[json_spec.type] is defined %}\n{{- basic_type_map[json_spec.type] }}\n{%- elif json_spec.type == \"array\" %}\n{{- \"list[\" + json_to_python_type(json_spec|items) + \"]\" }}\n{%- else %}\n{{- 'Any' }}\n{%- endif %}\n{%- endmacro %}\n{{ json_to_python_type({'type': 'string'}) }}|{{ json_to_python_type({'type': 'x'}) }}\n{%- for m in messages %}\n{{- '<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>' + '\\n' }}\n{%- endfor %}",
    "lines kept": "{% for message in messages %}\n  {%- if message.role == 'user' %}\n    USER {{ message.content }}\n  {% else %}\n\n OTHER {{- message.content -}} \n{% endif %}\n\n{% endfor %}\n\nend\n\n",
    "crlf": "{% for message in messages %}\r\n    {%- if message['role'] == 'user' %}\r\n<|im_start|>user\r\n{{ message['content'] }}<|im_end|>\r\n    {%- else %}\r\nX{{ '\r\n' }}\r\n    {%- endif %}\r\n{%- endfor %}\r\n",
    "carriage returns alone": "{% if true %}\ra\r{% endif %}\rb\r",
    "assistant marks": "{% for m in messages %}{{ m.role }}: {% if m.role == 'assistant' %}{% generation %}{{ m.content }}{{ eos_token }}{% endgeneration %}{% else %}{{ m.content }}{% endif %}\n{% endfor %}{% if add_generation_prompt %}assistant: {% endif %}",
    "marks in a macro": "{% macro turn(m) %}<{{ m.role }}>{% generation %}{{ m.content }}{% endgeneration %}{% endmacro %}{% for m in messages %}{{ turn(m) }}{% endfor %}",
    "marks with dashes": "{%- for m in messages -%} {{ m.role }} {%- if m.role == 'assistant' -%} {%- generation -%} {{ m.content }} {%- endgeneration -%} {%- endif -%} {%- endfor -%}",
    "a set within marks stays there": "{% set x = 1 %}{% generation %}{% set x = 2 %}{{ x }}{% endgeneration %}{{ x }}",
}

FEATURES = """
{{ none }}|{{ true }}|{{ false }}|{{ 1 }}|{{ 1.0 }}|{{ 1e20 }}|{{ 1e-7 }}|{{ 12345678.9 }}|{{ 0.1 + 0.2 }}|{{ 1e16 }}|{{ 123456789012345.0 }}|{{ 0.0001 }}|{{ 0.00001 }}|{{ -0.0 }}
{{ [1, 'a', none, true, 1.5, ('x',), (), {}] }}|{{ {'a': 1, 2: 'b', none: [1]} }}|{{ ['it\\'s', 'say "x"', 'both \\' "'] }}
{{ 'a\\nb\\tc' }}|{{ ['a\\nb\\tc\\\\', 'é', '\\x00\\x7f', '\\u200b', '🙂', '\\xa0'] }}
{{ 7 // 2 }}|{{ -7 // 2 }}|{{ 7 % 3 }}|{{ -7 % 3 }}|{{ 7 % -3 }}|{{ 2 ** 10 }}|{{ 2 ** -1 }}|{{ 7 / 2 }}|{{ 4 / 2 }}|{{ 7.5 // 2 }}|{{ -7.5 % 2 }}|{{ 2 ** 3 ** 2 }}|{{ -2 ** 2 }}
{{ 1 / 0 }}
{{ 1 // 0 }}
{{ 1.0 % 0 }}
{{ 'a' * 3 }}|{{ [1, 2] * 2 }}|{{ 3 * 'ab' }}|{{ 'a' * -1 }}|{{ (1,) * 2 }}|{{ true + true }}|{{ 'a' + 'b' ~ 1 ~ none ~ 1.0 }}
{{ 'a' + 1 }}
{{ 1 + none }}
{{ [1] + [2] }}|{{ (1,) + (2,) }}|{{ [1] + (2,) }}
{{ 1 < 2 < 3 }}|{{ 1 < 3 < 2 }}|{{ 1 == 1.0 == true }}|{{ 'a' < 'b' }}|{{ [1, 2] < [1, 3] }}|{{ (1,) == [1] }}|{{ 'Z' < 'a' }}|{{ none == none }}|{{ 1 != '1' }}
{{ 1 < 'a' }}
{{ none < 1 }}
{{ 'a' in 'abc' }}|{{ 1 in [1.0] }}|{{ 'x' in {'x': 1} }}|{{ 'x' not in {'x': 1} }}|{{ 3 in range(5) }}|{{ not 1 in [2] }}|{{ '' in 'a' }}
{{ 1 in 'abc' }}
{{ 1 in none }}
{{ 1 and 0 or 'x' }}|{{ [] or {} or () }}|{{ not [] }}|{{ 'a' and 'b' }}|{{ none or 0 }}
{{ 'y' if true else 'n' }}|{{ 'y' if false }}|{{ 'y' if false else 'n' if false else 'm' }}|{{ ('a' if false) is undefined }}
{{ missing }}|{{ missing is defined }}|{{ missing == other }}|{{ missing | default('d') }}|{{ missing ~ 'x' }}|{% for x in missing %}a{% endfor %}|{{ missing | length }}|{{ [missing] }}|{{ missing | list }}|{{ missing | string }}|{{ not missing }}
{{ missing.attribute }}
{{ missing['x'] }}
{{ missing() }}
{{ missing + 1 }}
{{ missing < 1 }}
{{ messages[0].nothing }}|{{ messages[0].nothing is defined }}|{{ messages[99] }}|{{ messages['x'] }}|{{ 'a'.x }}|{{ none.x }}|{{ none[0] }}|{{ (5).x }}
{{ messages[0].nothing.more }}
{{ messages[0]['nothing']['more'] }}
{{ messages[99].role }}
{{ messages.append(1) }}
{{ messages.append is defined }}|{{ messages.append }}|{{ {}.update is defined }}|{{ [].pop is undefined }}
{{ {'a': 1}.update({'b': 2}) }}
{{ {}.pop('a', none) }}
{{ messages.__class__ }}|{{ ''.__class__ is defined }}|{{ messages._x }}
{{ messages.__class__.__mro__ }}
{{ {'items': 5}.items }}
{{ {'items': 5}['items'] }}|{{ {'a': 5}.a }}|{{ {'a b': 5}['a b'] }}|{{ {'keys': 1}['keys'] }}|{{ {1: 'x'}[1] }}|{{ {1: 'x'}[true] }}|{{ {'get': 1}.get('get') }}
{{ {'a': 1, 'b': 2}.items() }}|{{ {'a': 1}.keys() }}|{{ {'a': 1}.values() }}|{{ {'a': 1}.items() | list }}|{{ {'a': none}.get('a', 'd') }}|{{ {}.get('a') }}|{{ {}.get('a', 'd') }}|{{ {'a': 1}.copy() }}
{% for k, v in {'a': 1, 'b': [2]}.items() %}{{ loop.index }}{{ k }}={{ v }};{% endfor %}{% for k in {'a': 1} %}{{ k }}{% endfor %}{% for v in {'a': 1}.values() %}{{ v }}{% endfor %}
{{ {'a': 1}.get(key='a') }}
{{ {'a': 1, 'a': 2} }}|{{ {1: 'a', true: 'b', 1.0: 'c'} }}|{{ {(1, 2): 3}[(1, 2)] }}
{{ {[1]: 2} }}
{{ messages[::-1] | length }}|{{ messages[1:] | length }}|{{ 'abcdef'[1:4] }}|{{ 'abcdef'[::-2] }}|{{ 'abcdef'[-2:] }}|{{ 'abc'[5:] }}|{{ [1,2,3][:-1] }}|{{ (1,2,3)[1:] }}|{{ 'é🙂x'[1] }}|{{ 'é🙂x'[1:] }}|{{ 'é🙂x' | length }}|{{ [1,2,3][-1] }}|{{ [1,2,3][true] }}|{{ [1,2][1.0] }}
{{ none[1:] }}
{{ {'a': 1}[1:] }}
{{ [1,2,3][::0] }}
{{ range(5) }}|{{ range(1, 5, 2) }}|{{ range(5) | list }}|{{ range(5)[1] }}|{{ range(5) | length }}|{{ range(3, 0, -1) | list }}|{{ range(0) | list }}|{{ range(5) | sum }}|{{ range(5) | last }}
{{ range(200000) }}
{{ range(1, 2, 0) }}
{{ range('a') }}
{{ '%s and %d and %5.2f|%-5s|%05d|%x|%r|%%|%+d' % ('a', 5, 3.14159, 'ab', 42, 255, 'q', 7) }}|{{ '%(a)s' % {'a': 1} }}|{{ '%s' % 'x' }}|{{ '%s' % [1, 2] }}|{{ '%e' % 12345.678 }}|{{ '%g' % 0.00001 }}|{{ '%g' % 1234567 }}|{{ '%c' % 65 }}|{{ '%.3s' % 'abcdef' }}|{{ '%i' % 3.9 }}
{{ '%s %s' % 'a' }}
{{ '%s' % ('a', 'b') }}
{{ '%d' % 'a' }}
{{ '{} {1}'.format(1, 2) }}
{{ '{} {}'.format('a', 1) }}|{{ '{0}{1}{0}'.format('a', 'b') }}|{{ '{x}'.format(x=5) }}|{{ '{{}}'.format() }}|{{ '{:>5}|{:<5}|{:^5}|{:05d}|{:.2f}|{:,}'.format('a', 'b', 'c', 42, 3.14159, 1234567) }}|{{ '{!r}'.format('a') }}|{{ '{0.role}'.format(messages[0]) }}|{{ '{m[role]}'.format(m=messages[0]) }}|{{ '{:x}'.format(255) }}|{{ '{:+}'.format(3) }}|{{ '{:*^9}'.format('mid') }}|{{ '{:.1%}'.format(0.123) }}|{{ '{:e}'.format(12345.0) }}|{{ '{}'.format(none) }}
{{ '{}'.format() }}
{{ '{a}'.format() }}
{{ "%s, %s!"|format('a', 'b') }}|{{ "%(x)s"|format(x=1) }}
{{ 'abc'.startswith('a') }}|{{ 'abc'.startswith(('x', 'a')) }}|{{ 'abc'.endswith('c') }}|{{ 'abc'.startswith('b', 1) }}|{{ 'a-b-c'.split('-') }}|{{ ' a  b '.split() }}|{{ 'a-b-c'.split('-', 1) }}|{{ 'a-b-c'.rsplit('-', 1) }}|{{ ' a b c '.split(none, 1) }}|{{ ' a b c '.rsplit(none, 1) }}|{{ ''.split() }}|{{ ''.split(',') }}
{{ 'abc'.split('') }}
{{ 'xxabcxx'.strip('x') }}|{{ 'xyabc'.lstrip('yx') }}|{{ 'abc\\n\\n'.rstrip() }}|{{ '\\u00a0\\u2003a\\x1f'.strip() }}|{{ ' a'.strip(none) }}
{{ 'hello world'.title() }}|{{ "they're bill's".title() }}|{{ 'hELLO'.capitalize() }}|{{ 'aBc'.swapcase() }}|{{ 'straße'.upper() }}|{{ 'ÀÉ'.lower() }}|{{ 'ß'.casefold() }}|{{ 'ǆ'.title() }}
{{ 'abcabc'.find('c') }}|{{ 'abcabc'.rfind('c') }}|{{ 'abc'.find('x') }}|{{ 'abc'.index('b') }}|{{ 'abcabc'.count('bc') }}|{{ 'aaa'.count('aa') }}|{{ 'abc'.count('') }}|{{ 'é🙂x'.find('x') }}|{{ 'abcabc'.find('c', 3) }}|{{ 'abcabc'.find('c', -2, -1) }}
{{ 'abc'.index('x') }}
{{ 'a,b'.partition(',') }}|{{ 'ab'.partition(',') }}|{{ 'a,b,c'.rpartition(',') }}|{{ 'prefix-x'.removeprefix('prefix-') }}|{{ 'x.py'.removesuffix('.py') }}
{{ 'abc'.replace('b', 'X') }}|{{ 'aaa'.replace('a', 'b', 2) }}|{{ 'abc'.replace('', '-') }}|{{ 'abc'.replace('', '-', 2) }}|{{ 'é🙂'.replace('', '-') }}
{{ 'ab'.center(7, '*') }}|{{ 'ab'.center(6) }}|{{ 'abc'.center(6, '-') }}|{{ 'abc'.center(7, '-') }}|{{ 'ab'.ljust(5, '.') }}|{{ 'ab'.rjust(5) }}|{{ '42'.zfill(5) }}|{{ '-42'.zfill(5) }}|{{ 'ab'.center(5, '*') }}
{{ 'abc'.isalpha() }}|{{ 'a1'.isalnum() }}|{{ '12'.isdigit() }}|{{ '²'.isdigit() }}|{{ '½'.isnumeric() }}|{{ ' '.isspace() }}|{{ 'Ab Cd'.istitle() }}|{{ 'ab'.islower() }}|{{ 'AB1'.isupper() }}|{{ ''.isalpha() }}|{{ 'a_b'.isidentifier() }}|{{ 'é'.isascii() }}|{{ '1.5'.isdecimal() }}|{{ 'a\\n'.isprintable() }}
{{ 'a\\nb\\r\\nc\\x0bd'.splitlines() }}|{{ 'a\\n\\nb\\n'.splitlines() }}|{{ 'a\\nb'.splitlines(true) }}|{{ 'a\\tb'.expandtabs(4) }}|{{ ', '.join(['a', 'b']) }}|{{ '-'.join('abc') }}|{{ ''.join([]) }}
{{ ', '.join([1]) }}
{{ 'abc'.nope() }}
{{ 'abc'.upper(1) }}
{{ 'a' 'b' "c" }}|{{ "a\\"b" }}|{{ 'a\\'b' }}|{{ '\\u00e9\\x41\\101\\q' }}|{{ 'tab\\there' }}
{{ 1_000 }}|{{ 0x1f }}|{{ 0b101 }}|{{ 0o17 }}|{{ 1_0.5 }}|{{ 1e3 }}|{{ 0 }}|{{ 00 }}
{{ 012 }}
{{ [1, 2, 3] | join }}|{{ [1, none, 'a'] | join('-') }}|{{ messages | join(',', attribute='role') }}|{{ 'abc' | join('.') }}|{{ {'a': 1} | join }}
{{ [3, 1, 2] | sort }}|{{ ['b', 'A', 'c'] | sort }}|{{ ['b', 'A', 'c'] | sort(case_sensitive=true) }}|{{ [1, 2] | sort(reverse=true) }}|{{ messages | sort(attribute='content') | map(attribute='content') | list }}|{{ messages | sort(attribute='role,content') | map(attribute='role') | join }}|{{ {'b': 1, 'a': 2} | dictsort }}|{{ {'b': 1, 'a': 2} | dictsort(by='value') }}|{{ {'b': 1, 'a': 2} | dictsort(reverse=true) }}|{{ (3, 1) | sort }}|{{ 'cab' | sort }}
{{ [1, 'a'] | sort }}
{{ [none, none] | sort }}|{{ [[2], [1, 5]] | sort }}
{{ {'a': 1} | dictsort(by='x') }}
{{ [1, 2, 3] | sum }}|{{ [] | sum }}|{{ [1.5, 2] | sum }}|{{ [{'x': 1}, {'x': 2}] | sum(attribute='x') }}|{{ [[1], [2]] | sum(start=[]) }}|{{ [1] | sum(start=10) }}
{{ ['a'] | sum }}
{{ [3, 1, 2] | max }}|{{ [3, 1, 2] | min }}|{{ ['b', 'A'] | min }}|{{ [] | max }}|{{ messages | max(attribute='content') }}
{{ [1, 1, 2, 'A', 'a'] | unique | list }}|{{ messages | unique(attribute='role') | map(attribute='role') | list }}|{{ ['A', 'a'] | unique(case_sensitive=true) | list }}
{{ [[1], [1]] | unique | list }}
{{ messages | groupby('role') | map('first') | list }}|{% for g in messages | groupby('role') %}{{ g.grouper }}:{{ g.list | length }};{% endfor %}|{% for role, list in messages | groupby('role') %}{{ role }}{{ list[0].content }}{% endfor %}
{{ [1, 2, 3, 4, 5] | batch(2) | list }}|{{ [1, 2, 3] | batch(2, 'x') | list }}|{{ [1, 2, 3, 4, 5] | slice(2) | list }}|{{ [1, 2, 3] | slice(2, 'x') | list }}
{{ messages | map(attribute='role') | list }}|{{ messages | map(attribute='nope', default='d') | list }}|{{ ['a', 'b'] | map('upper') | list }}|{{ ['a,b'] | map('replace', ',', '-') | list }}|{{ messages | map('length') | list }}|{{ [[1, 2]] | map('join', '-') | first }}
{{ messages | map('nope') | list }}
{{ messages | map | list }}
{% set x = messages | map('nope') %}fine
{{ messages | selectattr('role', 'equalto', 'user') | list | length }}|{{ messages | selectattr('role', 'in', ['user', 'system']) | list | length }}|{{ messages | rejectattr('content') | list }}|{{ [0, 1, 2] | select | list }}|{{ [1, 2, 3] | select('odd') | list }}|{{ [1, 2, 3] | reject('odd') | list }}|{{ [1, 5] | select('>', 2) | list }}|{{ [1, 5] | select('lessthan', 2) | list }}|{{ messages | selectattr('nope', 'defined') | list }}|{{ messages | selectattr('content', 'ne', '') | map(attribute='role') | list }}
{% set u = messages | selectattr('role', 'equalto', 'user') %}{{ u | list | length }}{{ u | list | length }}
{{ messages | selectattr('role', 'equalto', 'user') | first }}|{{ messages | map(attribute='content') | last }}
{{ (messages | selectattr('role', 'equalto', 'user'))[0] }}|{{ (messages | map(attribute='role')) is iterable }}|{{ (messages | map(attribute='role')) is sequence }}
{{ messages | selectattr('role', 'equalto', 'user') | length }}
{{ [] | first }}|{{ [] | last }}|{{ [1, 2] | first }}|{{ 'abc' | last }}|{{ 'abc' | first }}|{{ [1,2] | reverse | list }}|{{ 'abc' | reverse }}|{{ (1, 2) | reverse | list }}
{{ 'a b-c (d) [e' | title }}|{{ "they're" | title }}|{{ 'ABC def' | capitalize }}|{{ 'abc' | upper | lower }}|{{ ' x ' | trim }}|{{ 'xax' | trim('x') }}|{{ 5 | string + 'a' }}|{{ none | string }}|{{ 'ab' | center(6) }}|{{ [1] | string | length }}
{{ 'a\\nb\\n\\nc' | indent }}|{{ 'a\\nb' | indent(2, true) }}|{{ 'a\\n\\nb' | indent(2, blank=true) }}|{{ 'a\\nb' | indent('>> ') }}|{{ 'a\\n' | indent }}|{{ '' | indent(4, first=true) }}
{{ 5 | indent }}
{{ 'foo bar baz qux' | truncate(9) }}|{{ 'foo bar baz qux' | truncate(9, true) }}|{{ 'foo bar baz qux' | truncate(11) }}|{{ 'foo bar baz qux' | truncate(11, false, '...', 0) }}|{{ 'short' | truncate }}
{{ 'abc def' | wordcount }}|{{ 'a_b é 1' | wordcount }}|{{ 'abc' | list }}|{{ 'hi' | length }}|{{ {'a': 1} | length }}|{{ (1,2) | count }}
{{ 5 | length }}
{{ '5' | int }}|{{ 'x' | int }}|{{ 'x' | int(7) }}|{{ '3.9' | int }}|{{ 3.9 | int }}|{{ '0x1f' | int(0, 16) }}|{{ '101' | int(0, 2) }}|{{ none | int }}|{{ true | int }}|{{ ' 7 ' | int }}|{{ '-3' | int }}|{{ '1_000' | int }}|{{ [] | int(4) }}|{{ '5.5' | float }}|{{ 'x' | float }}|{{ 5 | float }}|{{ 'inf' | float }}|{{ '1e3' | float }}|{{ 'nan' | float }}
{{ missing | int }}
{{ 42.55 | round }}|{{ 42.55 | round(1, 'floor') }}|{{ 2.5 | round }}|{{ 3.5 | round }}|{{ 42.55 | round | int }}|{{ 2.675 | round(2) }}|{{ 5 | round }}|{{ 42.1 | round(0, 'ceil') }}|{{ 0.125 | round(2) }}|{{ -2.5 | round }}|{{ 1.005 | round(2) }}|{{ 5 | round(1) }}|{{ 7 | round(1, 'floor') }}
{{ -5 | abs }}|{{ -1.5 | abs }}|{{ true | abs }}|{{ 1000000 | filesizeformat }}|{{ 500 | filesizeformat }}|{{ 1 | filesizeformat }}|{{ 1536 | filesizeformat(true) }}|{{ 'a b&c/d' | urlencode }}|{{ {'a': 'b c', 'd': 1} | urlencode }}
{{ 'abc' | replace('b', 'x') }}|{{ 'aaa' | replace('a', 'b', 2) }}|{{ 5 | replace(5, 6) }}|{{ none | replace('N', 'n') }}
{{ '<a> & "b" \\'c\\'' | e }}|{{ '<' | escape | escape }}|{{ '<' | e | forceescape }}|{{ ('<' | safe) + '>' }}|{{ '<' + ('>' | safe) }}|{{ ('<' | safe) ~ '>' }}|{{ '<a>' | safe }}|{{ ('<' | safe) is escaped }}|{{ '<' | safe | upper }}|{{ ['<' | safe] }}|{{ ('a' | safe) == 'a' }}
{{ messages | tojson }}
{{ messages[0] | tojson(indent=2) }}|{{ [1, [], {}, [2]] | tojson(indent=4) }}|{{ {'b': 1, 'a': none} | tojson(sort_keys=true) }}|{{ {'a': [1, 2]} | tojson(separators=(',', ':')) }}|{{ 'é🙂"\\\\\\n\\x01\\x7f' | tojson }}|{{ 'é🙂\\x7f' | tojson(ensure_ascii=true) }}|{{ {1: 2, none: 3, true: 4, 1.5: 5} | tojson }}|{{ [1.0, 1e20, true, none, (1, 2)] | tojson }}|{{ {'a': 1} | tojson(indent='  ') }}|{{ [1] | tojson(indent=0) }}
{{ missing | tojson }}
{{ range(3) | tojson }}
{{ {(1, 2): 3} | tojson }}
{{ messages | map(attribute='role') | tojson }}
{{ 1 is odd }}|{{ 2 is even }}|{{ 4 is divisibleby 2 }}|{{ 4 is divisibleby(3) }}|{{ 'a' is string }}|{{ 1 is number }}|{{ 1.5 is float }}|{{ 1 is integer }}|{{ true is integer }}|{{ true is number }}|{{ true is boolean }}|{{ [] is sequence }}|{{ {} is mapping }}|{{ {} is sequence }}|{{ 'a' is sequence }}|{{ 1 is iterable }}|{{ 'a' is iterable }}|{{ none is none }}|{{ 1 is none }}|{{ 1 is true }}|{{ true is true }}|{{ false is false }}
{{ 'abc' is lower }}|{{ 'ABC' is upper }}|{{ 'a' is in 'abc' }}|{{ 1 is in [1] }}|{{ 1 is eq 1 }}|{{ 1 is ne 2 }}|{{ 2 is gt 1 }}|{{ 2 is ge 2 }}|{{ 1 is lt 2 }}|{{ 1 is le 0 }}|{{ 1 is not odd }}|{{ none is sameas none }}|{{ range is callable }}|{{ 'upper' is filter }}|{{ 'odd' is test }}|{{ 'nope' is filter }}|{{ missing is undefined }}|{{ missing is callable }}|{{ 5 is == 5 }}|{{ messages is sameas messages }}
{{ 5 is equalto 5 }}|{{ 5 is greaterthan 3 }}|{{ 'x' is not none }}|{{ not 'x' is none }}|{{ 3 is odd and 4 is even }}|{{ 3 is divisibleby 3 or false }}|{{ [] is not mapping }}
{{ 'a' is nope }}
{{ 'a' | nope }}
{% if false %}{{ 'a' | nope }}{% endif %}ok
{% if true %}{{ 'a' | nope }}{% endif %}
{% if false %}{% for x in [1] %}{{ x | nope }}{% endfor %}{% endif %}
{{ ('a' | nope) if false else 'b' }}
{% for m in messages %}{{ loop.index }}{{ loop.index0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.depth }}{{ loop.depth0 }}{{ loop.cycle('a', 'b') }};{% endfor %}{{ loop }}
{% for m in messages %}{{ loop.previtem.role if loop.previtem }}{{ loop.nextitem.role if loop.nextitem is defined }}{{ loop.changed(m.role) }};{% endfor %}
{% for m in messages if m.role == 'user' %}{{ loop.index }}{{ loop.length }}{{ m.content }}{% else %}none{% endfor %}
{% for x in [] %}a{% else %}empty{% endfor %}|{% for x in [1] %}{% continue %}{% else %}skipped{% endfor %}|{% for x in [1, 2] %}{{ x }}{% break %}{% else %}broken{% endfor %}
{% for x in [1, 2, 3, 4] %}{% if x == 2 %}{% continue %}{% endif %}{% if x == 4 %}{% break %}{% endif %}{{ x }}{% endfor %}
{% break %}
{% for a, b in [(1, 2), [3, 4]] %}{{ a }}{{ b }}{% endfor %}|{% for (a, b), c in [((1, 2), 3)] %}{{ a }}{{ b }}{{ c }}{% endfor %}|{% for a, b in ['xy'] %}{{ a }}{{ b }}{% endfor %}
{% for a, b in [(1, 2, 3)] %}{{ a }}{% endfor %}
{% for x in 5 %}{% endfor %}
{% for x in none %}{% endfor %}
{% for c in 'héy🙂' %}[{{ c }}]{% endfor %}
{% for x in [1, [2, [3]]] recursive %}{{ loop.depth }}{% if x is iterable %}({{ loop(x) }}){% else %}{{ x }}{% endif %}{% endfor %}
{% for x in [1] %}{{ loop([1]) }}{% endfor %}
{% for x in [1, 2] %}{% for y in [3] %}{{ loop.index }}{{ x }}{{ y }}{% endfor %}{{ loop.index }}{% endfor %}
{% set x = 1 %}{% for i in [1, 2] %}{{ x }}{% set x = x + 1 %}{{ x }}{% endfor %}{{ x }}
{% for i in [1, 2] %}{% if i == 1 %}{% set y = 'set' %}{% endif %}[{{ y }}]{% endfor %}
{% set ns = namespace(x=1, y=[]) %}{% for i in [1, 2] %}{% set ns.x = ns.x + i %}{% endfor %}{{ ns.x }}{{ ns.z is defined }}{{ ns['x'] }}{{ ns }}
{% set ns = namespace({'a': 1}, b=2) %}{{ ns.a }}{{ ns.b }}
{% set ns = namespace() %}{% set ns._x = 1 %}
{% set d = {} %}{% set d.x = 1 %}
{% set a, b = 1, 2 %}{{ a }}{{ b }}{% set a, b = b, a %}{{ a }}{{ b }}|{% set t = 1, 2 %}{{ t }}|{% set (c, d) = [3, 4] %}{{ c }}{{ d }}
{% set a, b = [1] %}
{% set x %}a {{ 1 + 1 }} <b>{% endset %}{{ x }}|{{ x | length }}|{% set y | upper | replace('A', 'z') %}abc{% endset %}{{ y }}
{% set true = 1 %}
{% set loop = 1 %}{{ loop }}
{% for loop in [1] %}{% endfor %}
{% macro f(a, b=2, c='x') %}{{ a }}{{ b }}{{ c }}{% endmacro %}{{ f(1) }}|{{ f(1, 3) }}|{{ f(1, c='y') }}|{{ f(a=5, b=6) }}|{{ f() }}|{{ f.name }}|{{ f.arguments }}
{% macro f(a) %}{{ a }}{% endmacro %}{{ f(1, 2) }}
{% macro f(a) %}{{ a }}{% endmacro %}{{ f(b=1) }}
{% macro f(a) %}{{ a }}{{ varargs }}{{ kwargs }}{% endmacro %}{{ f(1, 2, 3, x=4) }}
{% macro f(a, b=a) %}{{ a }}{{ b }}{% endmacro %}{{ f(3) }}
{% macro f() %}[{{ caller() }}]{% endmacro %}{% call f() %}inner {{ messages | length }}{% endcall %}|{% macro g(x) %}{{ caller(x, 'b') }}{% endmacro %}{% call(a, b) g(7) %}{{ a }}-{{ b }}{% endcall %}
{% macro f() %}{{ caller() }}{% endmacro %}{{ f() }}
{% macro f(n) %}{% if n > 0 %}{{ n }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(5) }}|{{ f(3) | length }}
{% macro f() %}{{ x }}{% endmacro %}{% set x = 5 %}{{ f() }}
{% macro f() %}{% set x = 9 %}{{ x }}{% endmacro %}{% set x = 1 %}{{ f() }}{{ x }}
{% macro f(x) %}  {{ x }}  {% endmacro %}[{{ f('a') | trim }}]{{ f('b') ~ 'c' }}
{% macro f(a, b) %}{{ a }}{{ b }}{% endmacro %}{% set args = [1, 2] %}{% set kw = {'a': 3, 'b': 4} %}{{ f(*args) }}{{ f(**kw) }}
{% macro f(a=1, b) %}{% endmacro %}
{% with a = 1, b = 2 %}{{ a }}{{ b }}{% set c = 3 %}{% endwith %}{{ a is defined }}{{ c is defined }}|{% with %}{% set z = 1 %}{{ z }}{% endwith %}{{ z }}|{% set q = 1 %}{% with q = 2, r = q %}{{ q }}{{ r }}{% endwith %}
{% filter upper %}abc {{ 'd' }}{% endfilter %}|{% filter replace('a', 'b') | upper %}aaa{% endfilter %}
{% raw %}{{ x }} {% if %} {# c #}{% endraw %}|{%- raw -%}  a  {%- endraw -%} b
{# comment {{ x }} #}a{#- c -#}  b  {#- d #}  c
  {# a comment at the start #}x
{%+ if true %}a{%+ endif %}|  {%- if true -%}  b  {%- endif -%}  |
{% print 'a', 1 %}|{% print %}x
{% block a %}in {{ messages | length }}{% endblock %}|{% block b %}{% set x = 1 %}{{ x }}{% endblock b %}{{ x is defined }}
{% set x = 5 %}{% block a %}{{ x }}{% endblock %}{% for i in [1] %}{% block c %}{{ i is defined }}{% endblock %}{% endfor %}
{% if 1 %}a{% elif 2 %}b{% else %}c{% endif %}|{% if 0 %}a{% elif 2 %}b{% else %}c{% endif %}|{% if [] %}a{% elif '' %}b{% else %}c{% endif %}|{% if none is none and 1 == 1 %}d{% endif %}
{% if x is defined and x.y %}a{% else %}b{% endif %}|{% if tools is defined and tools %}T{% endif %}|{% if tools is not none and tools | length > 0 %}T{% endif %}|{% if documents is not none %}D{% endif %}|{{ tools }}|{{ documents is none }}|{{ tools is iterable }}
{{ tools | length }}
{% for tool in tools %}{% endfor %}
{{ bos_token }}{{ eos_token }}{{ pad_token }}{{ unk_token }}{{ unk_token is defined }}
{{ bos_token + unk_token }}
{{ strftime_now('%d %b %Y') }}|{{ strftime_now('%a %A %b %B %c %C %d %D %e %F %g %G %h %H %I %j %k %l %m %M %n %p %P %r %R %S %t %T %u %U %V %w %W %x %X %y %Y %z %Z %%') }}|{{ strftime_now('%-d %-m %-H %^a %_d %05Y %f %Q %E %Ey %Od') }}|{{ strftime_now('') }}|{{ strftime_now('100%') }}
{{ strftime_now() }}
{{ strftime_now(5) }}
{{ raise_exception('no') }}
{{ raise_exception() }}
{{ dict(a=1, b=2) }}|{{ dict([('a', 1)]) }}|{{ dict({'a': 1}, b=2) }}|{{ dict().keys() | list }}|{{ dict.fromkeys('ab', 0) }}
{{ dict(1) }}
{% set c = cycler('a', 'b') %}{{ c.next() }}{{ c.next() }}{{ c.next() }}{{ c.current }}{{ c.reset() }}{{ c.next() }}|{% set j = joiner('|') %}{{ j() }}a{{ j() }}b{{ j() }}c
{{ 5() }}
{{ 'a'() }}
{{ messages.0.role }}|{{ messages.0['role'] }}|{{ [[1, 2]].0.1 }}
{{ messages | length is number }}|{{ messages | length > 1 }}|{{ messages | length - 1 }}|{{ -1 | abs }}|{{ 2 * 3 | string }}|{{ 'a' ~ 'b' | upper }}|{{ 1 + 2 ~ 3 }}|{{ not true == false }}|{{ 1 if 2 > 1 else 0 }}
{{ [x for x in messages] }}
{{ lambda }}|{{ self is defined }}
{{ messages[0].content | trim | length }}|{{ messages[-1].role }}|{{ messages[-1]['content'][:2] }}|{{ (messages | last).role }}|{{ messages[0].content.split()[-1] if messages[0].content.strip() else 'none' }}
{{ {'a': {'b': [10, 20]}}.a.b[1] }}|{{ {'a': {'b': 1}} | attr('a') }}|{{ 'abc' | attr('upper') is callable }}|{{ messages | map(attribute='content.0') | list }}
{{ true and 'x' is string }}|{{ 'x' if messages else 'y' }}|{{ (1, 2) | length }}|{{ () }}|{{ (1) }}|{{ (1,) }}|{{ 1, 2 }}
{% do messages %}
{% include 'x' %}
{% unknown %}
{{ unclosed
{% if x %}
{% for x in y %}
{% endif %}
{{ }}
{{ 1 + }}
{{ (1 }}
{{ 1) }}
{{ 'a }}
{% set x = %}
{% if %}a{% endif %}
{{ a b }}
{{ a..b }}
{{ x | }}
{{ x is }}
{% for in y %}{% endfor %}
{{ 'a' | upper('x') }}
{{ 'a' | trim(5) }}
{{ 'a' | default }}|{{ missing | default }}|{{ none | default('d') }}|{{ none | default('d', true) }}|{{ '' | d('x', boolean=true) }}|{{ false | default('f') }}|{{ 0 | default(5, true) }}
{% set s = namespace(text='') %}{% for m in messages %}{% set s.text = s.text ~ m.role[0] ~ loop.index %}{% endfor %}{{ s.text }}
{% for m in messages %}{%- set role = {'user': 'U', 'assistant': 'A', 'system': 'S'}[m.role] -%}{{ role }}{% endfor %}{{ {'user': 'U'}['x'] is defined }}
{% for m in messages %}{{ m | tojson }}{% endfor %}|{{ messages[0] }}|{{ messages[-1].keys() | list }}
{{ messages | selectattr('reasoning_content', 'defined') | map(attribute='reasoning_content') | list }}|{{ messages | map(attribute='thinking', default='-') | join(',') }}
{% for m in messages %}{% if m.reasoning_content is string and m.reasoning_content %}<think>{{ m.reasoning_content }}</think>{% endif %}{{ m.content }}{% if 'thinking' in m %}T{% endif %}{% endfor %}
{{ (messages | list)[0].role }}|{{ messages.index(messages[0]) }}|{{ [1, 2, 1].count(1) }}|{{ (1, 2).index(2) }}|{{ messages.copy() | length }}
{{ [1, 2].index(5) }}
{{ 1 if true }}|{{ 1.5 is number }}|{{ 10 ** 15 }}|{{ 2 ** 0.5 }}|{{ 10 // 3.0 }}|{{ 1e3 | int }}|{{ 3 | float }}|{{ 1.0 * 3 }}|{{ 5 % 2.5 }}|{{ 7 // -2 }}|{{ +5 }}|{{ - 5 }}|{{ --5 }}
{{ '\\t' ~ 'x' | indent(2, true) }}|{{ 'a' ~ none ~ true ~ [1] }}|{{ 'é' ~ 1.10 }}
""".strip("\n").split("\n")
# Scopes, macros, loops in loops, tags that are hard to cut, and what else is easily read wrongly.
STRUCTURE = r"""
{% for i in [1,2] %}{% macro f() %}{{ i }}{{ loop is defined }}{% endmacro %}{{ f() }}{% endfor %}
{% macro f() %}{{ loop is defined }}{% endmacro %}{% for i in [1] %}{{ f() }}{% endfor %}
{% set x = 1 %}{% macro f() %}{{ x }}{% endmacro %}{% for i in [1] %}{% set x = 2 %}{{ f() }}{% endfor %}
{% for i in [1] %}{% set x = 2 %}{% macro f() %}{{ x }}{% endmacro %}{% set x = 3 %}{{ f() }}{% endfor %}
{% if true %}{% macro f() %}a{% endmacro %}{% endif %}{{ f() }}
{% if false %}{% macro f() %}a{% endmacro %}{% endif %}{{ f is defined }}
{% for i in [1,2,3] %}{% set x %}{% if i == 2 %}{% break %}{% endif %}{{ i }}{% endset %}[{{ x }}]{% endfor %}
{% for i in [1,2,3] %}{% filter upper %}a{{ i }}{% if i == 2 %}{% continue %}{% endif %}b{% endfilter %}{% endfor %}
{% for i in [1,2,3] %}{% with y = i %}{% if y == 2 %}{% continue %}{% endif %}{{ y }}{% endwith %}{% endfor %}
{% for i in [1,2] %}{% for j in [1,2] %}{% if j == 2 %}{% break %}{% endif %}{{ i }}{{ j }}{% endfor %}{% endfor %}
{% for i in [1,2] %}{% for j in [] %}{% else %}{% if i == 1 %}{% continue %}{% endif %}e{{ i }}{% endfor %}x{% endfor %}
{% for i in [1,2] %}{% macro m() %}{% break %}{% endmacro %}{% endfor %}
{% for i in [1,2] %}{% call foo() %}{% continue %}{% endcall %}{% endfor %}
{% for i in [1] %}{% generation %}{% break %}{% endgeneration %}{% endfor %}
{% set ns = namespace(a=0) %}{% macro f() %}{% set ns.a = ns.a + 1 %}{% endmacro %}{{ f() }}{{ f() }}{{ ns.a }}
{% macro outer() %}{% macro inner() %}i{% endmacro %}{{ inner() }}{% endmacro %}{{ outer() }}{{ inner is defined }}
{% macro f(x) %}{{ caller(x) }}{% endmacro %}{% for i in [1,2] %}{% call(y) f(i) %}{{ i }}{{ y }}{{ loop.index }}{% endcall %}{% endfor %}
{% macro f(caller=none) %}{{ caller }}{% endmacro %}{{ f() }}
{% macro f(caller) %}{{ caller() }}{% endmacro %}{{ f() }}
{% macro f(a, a2=a ~ 'x', *args) %}{% endmacro %}
{% macro f(loop) %}{{ loop }}{% endmacro %}{{ f(5) }}
{% macro f(x) %}{% for i in x %}{{ loop.index }}{% endfor %}{% endmacro %}{{ f('ab') }}
{% macro f(messages) %}{{ messages }}{% endmacro %}{{ f(1) }}{{ messages | length }}
{% set messages = messages[1:] %}{% for m in messages %}{{ m.role }}{% endfor %}
{% set range = 5 %}{{ range }}
{% for range in [1] %}{{ range }}{% endfor %}{{ range(2) | list }}
{% with messages = 5 %}{{ messages }}{% endwith %}{{ messages | length }}
{% set x = x %}{{ x is defined }}
{% set x = x | default(3) %}{{ x }}
{% for x in x %}{{ x }}{% endfor %}|{% for m in messages %}{% for messages in [1] %}{{ messages }}{% endfor %}{% endfor %}
{% for x in [[1,2],[3]] %}{% for x in x %}{{ x }}{% endfor %}{{ x }}{% endfor %}
{% for k in [1,2] if k > 1 %}{{ loop.index }}{{ loop.first }}{{ loop.last }}{{ k }}{% endfor %}
{% for k in [1,2] if loop is defined %}{{ k }}{% endfor %}
{% for k in [1,2] if loop.index == 1 %}{{ k }}{% endfor %}
{% for a in [1,2,3,4] if a is odd %}{{ loop.length }}{{ loop.revindex }}{% endfor %}
{% for i in [3,1] recursive %}{{ i }}{{ loop.depth }}{% if loop.depth < 3 %}[{{ loop([9, 8]) }}]{% endif %}{% endfor %}
{% for i in [] recursive %}a{% else %}none{% endfor %}
{% for i in [[1,[2]],[3]] recursive %}{% if i is number %}{{ i }}{% else %}<{{ loop(i) }}>{% endif %}{% else %}E{% endfor %}
{% set a = [] %}{% set a.b = 1 %}
{% set ns = namespace(x=[1]) %}{% set ns.x = ns.x + [2] %}{{ ns.x }}
{% set ns, b = namespace(q=1), 2 %}{{ ns.q }}{{ b }}
{% set ns = namespace() %}{% set ns.a, ns.b = 1, 2 %}{{ ns.a }}{{ ns.b }}
{% for ns.a in [1] %}{% endfor %}
{% set ns = namespace() %}{% set ns.x %}abc{% endset %}{{ ns.x }}
{% set ns = namespace() %}{{ ns.x.y }}
{% block a %}{% set y = 1 %}{% endblock %}{{ y is defined }}
{% block a %}{% endblock %}{% block a %}{% endblock %}
{% block a-b %}{% endblock %}
{% for m in messages %}{% block z %}{{ loop is defined }}{% endblock %}{% endfor %}
{% macro m() %}{% block q %}in{% endblock %}{% endmacro %}{{ m() }}
{{ "}}" }}|{{ '{%' }}|{{ "{{" }}|{{ '#}' }}
{{ {'a':{'b':1}}.a.b }}|{{ {}}}|{{ {'a':1}}}
{%if true%}a{%endif%}|{%-if true-%} b {%-endif-%}|{{1}}|{{-1-}}|{{ -1 -}} x
{{- 'a' -}}   {{- 'b' }}   {{ 'c' -}}
  {{- 'x' }}
a  {%- if true %}  b  {%+ endif %}  c
   {% if true %}   a{% endif %}   
{% if true %} {# c #} {% endif %}x
{#- a -#}  {#+ b +#}  z
{# unclosed
{% raw %}{% endraw %}|{% raw -%}  a{% endraw %}|{% raw %}a  {%- endraw %}  b|{%- raw +%} x{% endraw +%} y
{% raw %}{{ '{% endraw' }}{% raw %}{% endraw %}
{%raw%}a{%endraw%}b
{% raw %}unclosed
{{ 'a' if 1 else 'b' if 0 else 'c' }}|{{ ('a' if 0) ~ 'x' }}|{{ 'a' if 0 else none }}
{{ 1 if 0 else 2 + 3 }}|{{ (1 if 1 else 2) + 3 }}|{{ not 1 if 1 else 2 }}
{{ 1 < 2 and 2 < 3 or 0 }}|{{ 1 < 2 == true }}|{{ (1 < 2) == true }}|{{ 1 in [1] == true }}|{{ not 1 == 2 }}|{{ 2 in [1,2] in [[1,2]] }}
{{ 2 * 3 ** 2 }}|{{ -2 ** 2 }}|{{ 2 ** -1 }}|{{ 10 - 2 - 3 }}|{{ 2 ~ 3 * 2 }}|{{ 1 + 2 ~ 3 + 4 }}|{{ 7 // 2 * 2 }}|{{ 7 % 4 * 2 }}
{{ 'a' | upper ~ 'b' | lower }}|{{ -5 | abs }}|{{ 5 - 3 | abs }}|{{ [1,2] | length + 1 }}|{{ 'x' is string and 'y' is string }}
{{ messages[0].role is eq 'user' }}|{{ messages[0].role is eq('user') and true }}|{{ 1 is odd is true }}
{{ 3 is divisibleby 3 | string }}|{{ 'a' is in ['a'] | list }}|{{ 5 is number ~ 'x' }}
{{ foo.bar is defined }}
{{ messages[0].foo is defined }}|{{ messages[0].foo.bar is defined }}
{{ (messages[0].foo | default({})).bar is defined }}|{{ messages[5] is defined }}|{{ messages[5].x is defined }}
{{ loop }}|{{ caller }}|{{ varargs }}|{{ kwargs }}|{{ context }}
{{ 'a,b' | replace(',', ';') | upper | list | join('|') }}
{{ messages | map(attribute='role') | unique | list | length }}|{{ messages | map('attr', 'role') | list }}
{{ messages | selectattr('role', 'equalto', 'user') | map(attribute='content') | map('trim') | map('length') | list }}
{{ messages | selectattr('role', 'in', 'user,assistant') | list | count }}|{{ messages | rejectattr('role', '==', 'user') | map(attribute='role') | join }}
{{ messages | selectattr('content') | list | length }}|{{ messages | map(attribute='content') | select('string') | list | length }}
{{ messages | map(attribute='content') | select('in', ['Hi', 'a']) | list }}|{{ messages | groupby('role') | length }}|{{ (messages | groupby('role'))[0] | length }}
{{ messages | sort(attribute='content', reverse=true) | map(attribute='content') | list }}
{{ {'b': {'x': 2}, 'a': {'x': 1}} | dictsort }}|{{ {'b': 2, 'A': 1} | dictsort }}|{{ {'b': 2, 'A': 1} | dictsort(true) }}
{{ {'a': 1} | items | list }}|{{ {'a': 1} | list }}|{{ {'a': 1} | first }}|{{ {'a': 1} | string }}|{{ missing | items | list }}
{{ 5 | items | list }}
{{ [1,2,3] | batch(2) | map('list') | list }}|{{ range(7) | slice(3) | map('sum') | list }}
{{ 'a' | center(5) ~ '|' }}|{{ 'abcdef' | truncate(3, true, '') }}|{{ 'a b c d e f g' | truncate(5) }}
{{ 1234567.891 | round(1) }}|{{ '%.2f' | format(3.14159) }}|{{ '%s' | format('a') }}|{{ '%d%%' | format(5) }}|{{ '%5s|%-5s|' | format('a', 'b') }}
{{ '{:d}'.format(3) }}|{{ '{:5.1f}'.format(3.14159) }}|{{ '{:<5}'.format('ab') ~ '|' }}|{{ '{:>05}'.format(7) }}|{{ '{:,.2f}'.format(12345.678) }}|{{ '{:b}'.format(5) }}|{{ '{:#x}'.format(255) }}|{{ '{:c}'.format(65) }}
{{ '{:s}'.format(5) }}
{{ '{:d}'.format('a') }}
{{ '{:z}'.format(5) }}
{{ '{'.format() }}
{{ '}'.format() }}
{{ '{0[0]}{0[1]}'.format('ab') }}|{{ '{a[b]}'.format(a={'b': 1}) }}|{{ '{a.b}'.format(a={'b': 1}) }}|{{ '{0.upper}'.format('a') }}
{{ '%(a)s %(b)d' % dict(a='x', b=3) }}|{{ '%s' % none }}|{{ '%s' % true }}|{{ '%s' % (1,) }}|{{ '%r' % 'a' }}|{{ '%s %s' % ('a', [1]) }}|{{ '%5d|%-5d|%05d' % (1, 2, 3) }}|{{ '%x %X %o' % (255, 255, 8) }}|{{ '%f' % 1 }}|{{ '%.0f' % 2.5 }}|{{ '%g' % 100000.0 }}|{{ '%g' % 1e6 }}|{{ '%G' % 1e-10 }}|{{ '%e' % 0 }}|{{ '%+.1e' % 12345 }}|{{ '% d' % 5 }}|{{ '%#x' % 255 }}
{{ '%q' % 1 }}
{{ '%' % 1 }}
{{ '%(a)s' % 1 }}
{{ '%*d' % (5, 1) }}
{{ '%s' % {} }}|{{ 'a' % [] }}|{{ 'a' % {} }}|{{ '%s' % [] }}
{{ 'a' % 1 }}
{{ 'a' % () }}
{{ '%s' % () }}
{{ [1,2,3].index(2) }}|{{ (1,2).count(1) }}|{{ 'abc'.index('c') }}|{{ [[1]].index([1]) }}|{{ range(5).index(3) }}
{{ 'a\tb'.expandtabs() }}|{{ 'Hello World'.swapcase() }}|{{ 'x'.zfill(3) }}|{{ '+5'.zfill(4) }}|{{ 'abc'.ljust(2) }}
{{ 'aXbXc'.split('X') | join('-') }}|{{ 'aXbXc'.rsplit('X', 1) }}|{{ 'a  b'.split(' ') }}|{{ 'a b c'.split(maxsplit=1) }}|{{ 'a,b'.split(sep=',') }}|{{ '\n a \n'.split('\n') }}
{{ 'abc'.startswith('') }}|{{ 'abc'.endswith(('b','c')) }}|{{ ''.join(['a', 'b']) }}|{{ 'ab'.join('xyz') }}|{{ ','.join({'a': 1}) }}|{{ ','.join(messages | map(attribute='role')) }}
{{ 'é'.upper() }}|{{ 'ŉ'.upper() }}|{{ 'ﬁ'.upper() }}|{{ 'ﬁx'.capitalize() }}|{{ 'ΑΣ'.lower() }}|{{ 'İ'.lower() | length }}|{{ 'ß'.title() }}|{{ "o'neil mc-donald x1y".title() }}
{{ 'é' == 'é' }}|{{ 'e\u0301' | length }}|{{ '👨‍👩‍👧' | length }}|{{ '👨‍👩‍👧'[0] }}|{{ 'a👍b'[1:2] }}|{{ 'a👍b' | reverse }}|{{ '👍' * 2 }}|{{ 'a👍b'.find('b') }}|{{ 'a👍b' | list }}|{{ 'a👍' | center(6) }}|{{ '👍👍👍' | truncate(1, true, '', 0) }}
{{ 10000000000 * 100000 }}|{{ 1e15 | int }}|{{ 2 ** 52 }}|{{ 1 / 3 }}|{{ 2 / 1 }}|{{ 1e2 }}|{{ 1.50 }}|{{ 100 * 1.1 }}|{{ 3.0 == 3 }}|{{ 0.1 + 0.7 }}|{{ 5e-324 }}|{{ 1.7976931348623157e308 }}|{{ 1e308 * 10 }}|{{ -1e308 * 10 }}
{{ 9007199254740993 }}
{{ 2 ** 64 }}
{{ 7.0 // 2 }}|{{ -7 // 2.0 }}|{{ 7 % -2.5 }}|{{ -0.0 + 0 }}|{{ 0 * -1 }}|{{ 1 - 1 }}|{{ true + 1 }}|{{ true * 'a' }}|{{ -true }}|{{ not 0.0 }}
{{ true == 1 }}|{{ true is sameas true }}|{{ 1 is true }}|{{ [true, 1] }}|{{ {true: 'a'}[1] }}|{{ true in [1] }}|{{ none in [none] }}
{{ [1, 2] == [1, 2] }}|{{ {'a': 1, 'b': 2} == {'b': 2, 'a': 1} }}|{{ [1] < [1, 2] }}|{{ 'a' < 'B' }}|{{ [] == () }}|{{ messages == messages }}|{{ messages[0] == messages[-1] }}|{{ messages[0] in messages }}|{{ range(3) == range(3) }}
{{ strftime_now('%Y') | int + 1 }}|{{ strftime_now('%B').upper() }}|{{ strftime_now('%d/%m') is string }}
{{ raise_exception('x' ~ messages | length) if messages | length > 4 else 'fine' }}
{{ messages | tojson | length }}|{{ messages[0] | tojson(indent=4) }}|{{ 'a' | tojson | tojson }}|{{ [messages[0]] | tojson(separators=(', ', ': ')) }}|{{ {'a': {'b': [1, {'c': none}]}} | tojson(indent=2) }}|{{ [] | tojson(indent=2) }}|{{ [[]] | tojson(indent=2) }}|{{ 1.0 | tojson }}|{{ 1e100 | tojson }}|{{ '</script>' | tojson }}|{{ "\u2028" | tojson }}
{{ {'b': 1, 'a': {'d': 1, 'c': 2}} | tojson(sort_keys=true, indent=1) }}|{{ {'a': 1} | tojson(true) }}|{{ 'é' | tojson(true) }}|{{ [1, 2] | tojson(separators=['-', '+']) }}|{{ [1] | tojson(indent=-1) }}
{{ namespace(a=1) | tojson }}
{{ dict(a=1) | tojson }}|{{ dict(messages[0]) | tojson }}|{{ dict(messages[0], role='x').role }}|{{ dict([['a', 1]]) }}|{{ dict(a=1, **{'b': 2}) }}
{{ cycler() }}
{{ lipsum() | length > 0 }}
{{ messages | length ~ ' ' ~ messages | map(attribute='role') | join('/') }}
{{ messages | random is mapping }}
{{ [1, 2, 3] | sum / 3 }}|{{ ([1, 2, 3] | sum) / 3 }}|{{ [1.5, 2.5] | sum }}|{{ [[1], [2, 3]] | sum(start=[]) | length }}|{{ [{'a': {'b': 2}}] | sum(attribute='a.b') }}
{{ 'a\n  b' | indent(width=2) }}|{{ 'a\r\nb' | indent }}|{{ 'x' | indent(first=true) }}|{{ 'a\n\nb\n' | indent(3, true, true) }}
{{ ' a ' | trim ~ '|' }}|{{ '\u3000a' | trim }}|{{ 'aab' | trim('a') }}|{{ 5 | trim }}|{{ none | trim }}|{{ [1] | trim | length }}|{{ missing | trim }}|{{ missing | upper }}|{{ missing | replace('a', 'b') }}|{{ missing | join }}|{{ missing | first }}|{{ missing | sort }}|{{ missing | tojson is string }}
{{ missing | round }}
{{ missing | indent }}
{{ missing | reverse | list }}|{{ missing | last is defined }}|{{ missing | sum }}|{{ missing | unique | list }}|{{ missing | dictsort }}
{{ missing | groupby('x') }}|{{ missing | map('upper') | list }}|{{ missing | batch(2) | list }}|{{ missing | min is defined }}|{{ missing | wordcount }}|{{ missing | title }}|{{ missing | float }}
{{ missing is none }}|{{ missing is string }}|{{ missing is iterable }}|{{ missing is sequence }}|{{ missing is mapping }}|{{ missing == none }}|{{ missing is false }}|{{ missing in [1] }}|{{ missing ~ '' == '' }}|{{ missing is eq none }}|{{ missing == '' }}|{{ missing != '' }}
{{ missing is odd }}
{{ missing | abs }}
{{ -missing }}
{{ missing in 'abc' }}
{{ 'a' in missing }}|{{ missing and 1 }}|{{ missing or 1 }}|{{ missing if true }}|{{ [missing] | length }}|{{ {'a': missing} }}|{{ [missing, 1] | join('-') }}
""".strip("\n").split("\n")
# One template a print, so that an error in one hides no other.
FEATURES = [
    part
    for line in [*FEATURES, *STRUCTURE]
    for part in (line.replace("}}|{{", "}}\0{{").split("\0") if "{%" not in line else [line])
]


def generated():
    """Random programs from small parts, with white space control of every kind."""
    values = ["messages", "message", "message.content", "message['role']", "x", "ns.n", "loop.index", "bos_token", "missing", "none", "true", "'a b'", "''", "3", "0", "1.5", "[1, 'b', none]", "(1, 2)", "{'a': 1, 'b': [2]}", "messages[0]", "messages[-1].content", "range(3)"]
    filters = ["trim", "length", "upper", "tojson", "join(',')", "list", "first", "last", "string", "default('d')", "int", "title", "reverse | list", "sort", "map('string') | list", "select | list", "indent(2)", "replace('a', 'b')", "capitalize", "unique | list", "sum", "abs", "round", "items | list", "batch(2) | list", "truncate(5, true, '')"]
    methods = [".strip()", ".split()", ".upper()", "[0]", "[-1]", "[1:]", "[::-1]", ".items() | list", ".get('a')", ".role", ".startswith('a')", ".replace('a', '')", ".count('a')", ".keys() | list", ".nope"]
    tests = ["defined", "none", "string", "mapping", "iterable", "sequence", "number", "odd", "in [1, 'a']", "true", "not none", "eq 3", "callable"]
    operators = ["+", "~", "*", "-", "/", "//", "%", "==", "!=", "<", ">=", "and", "or", "in", "not in"]

    def expression(depth=0):
        roll = random.random()
        if depth > 2 or roll < 0.3:
            return random.choice(values)
        if roll < 0.5:
            return f"{expression(depth + 1)} | {random.choice(filters)}"
        if roll < 0.65:
            return f"({expression(depth + 1)}){random.choice(methods)}"
        if roll < 0.85:
            return f"({expression(depth + 1)} {random.choice(operators)} {expression(depth + 1)})"
        if roll < 0.93:
            return f"({expression(depth + 1)} is {random.choice(tests)})"
        return f"({expression(depth + 1)} if {expression(depth + 1)} else {expression(depth + 1)})"

    space = lambda: random.choice(["", "", " ", "\n", "\n  ", "  \n", "\t", "\r\n"])
    sign = lambda: random.choice(["", "", "-", "+"])
    tag = lambda inner: "{%" + sign() + " " + inner + " " + sign() + "%}"

    def body(depth=0):
        parts = []
        for _ in range(random.randint(1, 3)):
            roll = random.random()
            parts.append(space())
            if roll < 0.25 or depth > 2:
                parts.append(random.choice(["text", "<|im_end|>", "a\n", " b ", "{# c #}", "{#- c -#}", "{#+ c #}"]))
            elif roll < 0.55:
                parts.append("{{" + random.choice(["", "-"]) + " " + expression() + " " + random.choice(["", "-"]) + "}}")
            elif roll < 0.7:
                parts.append(tag(f"for message in messages{random.choice(['', '[1:]', '[::-1]'])}") + body(depth + 1) + tag("endfor"))
            elif roll < 0.85:
                parts.append(tag(f"if {expression()}") + body(depth + 1) + tag("else") + body(depth + 1) + tag("endif"))
            elif roll < 0.95:
                parts.append(tag(f"set x = {expression()}"))
            else:
                parts.append(tag("set ns.n = 1" if random.random() < 0.3 else "set x") + ("" if parts[-1].startswith("{%") else ""))
                parts[-1] = tag("set x") + body(depth + 1) + tag("endset")
        parts.append(space())
        return "".join(parts)

    for i in range(400):
        yield f"random {i}", "{% set ns = namespace(n=2) %}{% set x = 'ax' %}" + body()
