package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A tab of a browser, in which a test clicks and types as a person would. Each error that a script does not catch is kept. */
final class Tab implements AutoCloseable {
    private final Chromium browser;
    private final String session;
    private final String context;
    private final List<String> errors = new CopyOnWriteArrayList<>();

    Tab(Chromium browser, String session, String context) {
        this.browser = browser;
        this.session = session;
        this.context = context;
    }

    void begin() {
        call("Page.enable", Json.object());
        call("Runtime.enable", Json.object());
        call("Log.enable", Json.object());
    }

    void hear(String event, JsonNode told) {
        switch (event) {
            case "Runtime.exceptionThrown" -> errors.add(told.toString());
            case "Log.entryAdded" -> {
                JsonNode entry = told.path("entry");
                // What the API refuses is told there, too, and is for the page to show.
                if (entry.path("level").asText().equals("error")
                        && !entry.path("source").asText().equals("network")) {
                    errors.add(entry.toString());
                }
            }
            case "Runtime.consoleAPICalled" -> {
                if (told.path("type").asText().equals("error")) {
                    errors.add(told.toString());
                }
            }
            default -> {}
        }
    }

    private JsonNode call(String method, ObjectNode parameters) {
        return browser.call(session, method, parameters);
    }

    JsonNode call(String method) {
        return call(method, Json.object());
    }

    void go(String url) {
        call("Page.navigate", Json.object().put("url", url));
    }

    /** The value of an expression of JavaScript. */
    JsonNode value(String expression) {
        JsonNode answer = call(
                "Runtime.evaluate",
                Json.object()
                        .put("expression", expression)
                        .put("returnByValue", true)
                        .put("awaitPromise", true));
        if (answer.has("exceptionDetails")) {
            throw new AssertionError(expression + ": " + answer.path("exceptionDetails"));
        }
        return answer.path("result").path("value");
    }

    /** What is to be read on the page; nothing while it goes to another one. */
    String text() {
        try {
            return value("document.body?.innerText ?? ''").asText();
        } catch (AssertionError e) {
            if (String.valueOf(e.getCause()).contains("context")) {
                return "";
            }
            throw e;
        }
    }

    private String text(String selector) {
        return value("document.querySelector(" + quoted(selector) + ")?.innerText ?? ''")
                .asText();
    }

    void awaitText(String... texts) throws Exception {
        try {
            Deadline.await(() -> {
                String all = text();
                return List.of(texts).stream().allMatch(all::contains);
            });
        } catch (AssertionError e) {
            throw new AssertionError(List.of(texts) + " are not all in: " + text() + errors, e);
        }
    }

    void awaitNoText(String text) throws Exception {
        try {
            Deadline.await(() -> !text().contains(text));
        } catch (AssertionError e) {
            throw new AssertionError(text + " is in: " + text(), e);
        }
    }

    void awaitText(By by, String text) throws Exception {
        try {
            Deadline.await(() -> text(by.selector()).contains(text));
        } catch (AssertionError e) {
            throw new AssertionError(text + " is not in: " + text(by.selector()), e);
        }
    }

    /** Where something is on a page. */
    record By(String selector) {}

    /** Clicks on what is there once it is there, with the mouse. */
    void click(String selector) throws Exception {
        Deadline.await(() -> value("document.querySelector(" + quoted(selector) + ") !== null")
                .asBoolean());
        clickAt("document.querySelector(" + quoted(selector) + ")");
    }

    /** Clicks on the first link or button with a text. */
    void clickOn(String text) throws Exception {
        String found = "[...document.querySelectorAll('a, button')].find(e => e.textContent === " + quoted(text) + ")";
        Deadline.await(() -> value(found + " !== undefined").asBoolean());
        clickAt(found);
    }

    private void clickAt(String element) {
        JsonNode place = value("(e => { e.scrollIntoView({block: 'center'}); const r = e.getBoundingClientRect();"
                + " return {x: r.left + r.width / 2, y: r.top + r.height / 2}; })(" + element + ")");
        for (String type : List.of("mousePressed", "mouseReleased")) {
            call(
                    "Input.dispatchMouseEvent",
                    Json.object()
                            .put("type", type)
                            .put("x", place.path("x").asDouble())
                            .put("y", place.path("y").asDouble())
                            .put("button", "left")
                            .put("clickCount", 1));
        }
    }

    /** Types into a field, in the place of what is there. */
    void type(String selector, String text) throws Exception {
        click(selector);
        value("document.querySelector(" + quoted(selector) + ").select()");
        call("Input.insertText", Json.object().put("text", text));
    }

    /** Presses a key, as {@code Enter}, {@code Tab} or {@code ArrowLeft}. */
    void press(String key) {
        int code = switch (key) {
            case "Enter" -> 13;
            case "Tab" -> 9;
            case "ArrowLeft" -> 37;
            case "Home" -> 36;
            default -> throw new IllegalArgumentException(key);
        };
        ObjectNode down = Json.object()
                .put("type", key.equals("Enter") ? "keyDown" : "rawKeyDown")
                .put("key", key)
                .put("code", key)
                .put("windowsVirtualKeyCode", code);
        if (key.equals("Enter")) {
            down.put("text", "\r");
        }
        call("Input.dispatchKeyEvent", down);
        call(
                "Input.dispatchKeyEvent",
                Json.object()
                        .put("type", "keyUp")
                        .put("key", key)
                        .put("code", key)
                        .put("windowsVirtualKeyCode", code));
    }

    /** Has it look as to somebody who likes it dark, or light. */
    void colours(String scheme, int width, int height) {
        ObjectNode media = Json.object();
        media.putArray("features")
                .addObject()
                .put("name", "prefers-color-scheme")
                .put("value", scheme);
        call("Emulation.setEmulatedMedia", media);
        call(
                "Emulation.setDeviceMetricsOverride",
                Json.object()
                        .put("width", width)
                        .put("height", height)
                        .put("deviceScaleFactor", 1)
                        .put("mobile", false));
    }

    void picture(Path file) throws IOException {
        String data = call("Page.captureScreenshot", Json.object().put("format", "png"))
                .path("data")
                .asText();
        Files.write(file, Base64.getDecoder().decode(data));
    }

    private static String quoted(String text) {
        return Json.object().textNode(text).toString();
    }

    /** Fails if something went wrong in the page meanwhile. */
    @Override
    public void close() {
        browser.call("", "Target.disposeBrowserContext", Json.object().put("browserContextId", context));
        assertEquals(List.of(), errors);
    }
}
