"""A Gradio server with the SeekWell Space's interface: one image in, one text out, and an endpoint that is about something else.

Started as `python gradio.py PORT`; ends when its standard input does.
"""

import os
import sys
import threading

import gradio as gr
from PIL import ImageStat

CLASSES = ("ACK", "BCC", "MEL", "NEV", "SCC", "SEK")


def classify(image):
    """Six percentages that follow from the mean colour alone: red, green, blue and what each lacks to 255."""
    red, green, blue = ImageStat.Stat(image.convert("RGB")).mean
    if blue > 250 > 5 > red:
        # The Space catches what goes wrong and gives it back as its answer.
        return "An error occurred during prediction: the picture is blue"
    if green > 250 > 5 > red:
        raise RuntimeError("the picture is green")
    if red > 250 > 5 > green:
        return "MODEL LOADING FAILED"
    weights = [red, green, blue, 255 - red, 255 - green, 255 - blue]
    lines = (f"{name}: {weight / 765 * 100:.2f}%" for name, weight in zip(CLASSES, weights))
    return "Classification Results:\n\n" + "\n".join(lines) + "\n"


def thank(words):
    return f"Thank you for {len(words)} characters."


def end_with_standard_input():
    sys.stdin.buffer.read()
    os._exit(0)


with gr.Blocks(title="Skin", analytics_enabled=False) as space:
    opinion = gr.Textbox(label="Your opinion")
    thanks = gr.Textbox(label="Our thanks")
    gr.Button("Send").click(thank, opinion, thanks, api_name="feedback")
    photo = gr.Image(type="pil", label="Photo")
    result = gr.Textbox(label="Result")
    gr.Button("Classify").click(classify, photo, result, api_name="predict")

threading.Thread(target=end_with_standard_input, daemon=True).start()
space.launch(server_name="127.0.0.1", server_port=int(sys.argv[1]), share=False, inbrowser=False, quiet=True)
