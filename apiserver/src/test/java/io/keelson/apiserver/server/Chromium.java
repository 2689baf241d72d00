package io.keelson.apiserver.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.MalformedException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * A Chromium without a window, told what to do by its DevTools protocol. It resolves no name and so talks to loopback only, and
 * takes any certificate.
 */
final class Chromium implements AutoCloseable {
    private static final long ANSWER_SECONDS_MAX = 20;

    private final Process process;
    private final HttpClient http = HttpClient.newHttpClient();
    private final WebSocket socket;
    private final AtomicLong last = new AtomicLong();
    private final Map<Long, CompletableFuture<JsonNode>> asked = new ConcurrentHashMap<>();
    private final Map<String, BiConsumer<String, JsonNode>> listeners = new ConcurrentHashMap<>();

    private Chromium(Process process, String address) {
        this.process = process;
        this.socket = http.newWebSocketBuilder()
                .buildAsync(URI.create(address), new Listener())
                .join();
    }

    /** Starts one, if there is one. */
    static Chromium start(Path folder) throws Exception {
        Optional<Path> program = Stream.of("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
                .map(Path::of)
                .filter(Files::isExecutable)
                .findFirst();
        Assumptions.assumeTrue(program.isPresent(), "there is no Chromium: apt-get install chromium");
        ProcessBuilder builder = new ProcessBuilder(List.of(
                        program.orElseThrow().toString(),
                        "--headless=new",
                        // Of root's, who has no other user to run it as.
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-dev-shm-usage",
                        "--no-first-run",
                        "--no-default-browser-check",
                        "--disable-background-networking",
                        "--disable-component-update",
                        "--disable-extensions",
                        "--disable-sync",
                        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
                        "--ignore-certificate-errors",
                        "--remote-debugging-port=0",
                        "--user-data-dir=" + folder,
                        "about:blank"))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("output").toFile());
        // All that it writes goes with the folder.
        builder.environment().putAll(Map.of("HOME", folder.toString(), "TMPDIR", folder.toString()));
        Process process = builder.start();
        try {
            Path told = folder.resolve("DevToolsActivePort");
            Deadline.await(() -> {
                if (!process.isAlive()) {
                    throw new AssertionError(Files.readString(folder.resolve("output")));
                }
                return Files.exists(told) && Files.readAllLines(told).size() == 2;
            });
            List<String> lines = Files.readAllLines(told);
            return new Chromium(process, "ws://127.0.0.1:" + lines.getFirst() + lines.getLast());
        } catch (Exception | AssertionError e) {
            end(process);
            throw e;
        }
    }

    private final class Listener implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean isLast) {
            text.append(data);
            if (isLast) {
                String whole = text.toString();
                text.setLength(0);
                take(whole);
            }
            from.request(1);
            return CompletableFuture.completedStage(null);
        }
    }

    private void take(String text) {
        ObjectNode message;
        try {
            message = Json.parseObject(text.getBytes(StandardCharsets.UTF_8));
        } catch (MalformedException e) {
            throw new AssertionError(text, e);
        }
        CompletableFuture<JsonNode> answer = asked.remove(message.path("id").asLong());
        if (answer == null) {
            BiConsumer<String, JsonNode> listener =
                    listeners.get(message.path("sessionId").asText());
            if (listener != null) {
                listener.accept(message.path("method").asText(), message.path("params"));
            }
        } else if (message.has("error")) {
            answer.completeExceptionally(
                    new AssertionError(message.path("error").toString()));
        } else {
            answer.complete(message.path("result"));
        }
    }

    /** Calls a method of the protocol, of the browser or of one of its tabs. */
    synchronized JsonNode call(String session, String method, ObjectNode parameters) {
        long id = last.incrementAndGet();
        ObjectNode message = Json.object().put("id", id).put("method", method);
        message.set("params", parameters);
        if (!session.isEmpty()) {
            message.put("sessionId", session);
        }
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        asked.put(id, answer);
        socket.sendText(message.toString(), true).join();
        try {
            return answer.orTimeout(ANSWER_SECONDS_MAX, TimeUnit.SECONDS).join();
        } catch (CompletionException e) {
            throw new AssertionError(method + " " + parameters, e);
        }
    }

    /** Opens a tab with nothing of another one: neither cookies nor what is kept. */
    Tab open() {
        String context = call("", "Target.createBrowserContext", Json.object())
                .path("browserContextId")
                .asText();
        ObjectNode blank = Json.object().put("url", "about:blank").put("browserContextId", context);
        String target = call("", "Target.createTarget", blank).path("targetId").asText();
        ObjectNode attach = Json.object().put("targetId", target).put("flatten", true);
        String session =
                call("", "Target.attachToTarget", attach).path("sessionId").asText();
        Tab tab = new Tab(this, session, context);
        listeners.put(session, tab::hear);
        tab.begin();
        return tab;
    }

    private static void end(Process process) {
        List<ProcessHandle> children = process.descendants().toList();
        process.destroy();
        boolean ended = process.onExit()
                .thenApply(_ -> true)
                .completeOnTimeout(false, 5, TimeUnit.SECONDS)
                .join();
        if (!ended) {
            process.destroyForcibly().onExit().join();
        }
        children.forEach(ProcessHandle::destroyForcibly);
        // They write into its folder until they are gone.
        children.forEach(child -> child.onExit().join());
    }

    @Override
    public void close() {
        socket.abort();
        http.shutdownNow();
        end(process);
    }
}
