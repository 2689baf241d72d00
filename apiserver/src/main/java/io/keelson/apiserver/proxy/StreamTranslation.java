package io.keelson.apiserver.proxy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.http.StatusWriter;
import io.keelson.apiserver.http.websocket.Channels;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.MalformedException;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.spdy.SpdyDataFrame;
import io.netty.handler.codec.spdy.SpdyGoAwayFrame;
import io.netty.handler.codec.spdy.SpdyRstStreamFrame;
import io.netty.handler.codec.spdy.SpdySynReplyFrame;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The channels of a client's WebSocket on one side, streams of SPDY to the agent of a node on the other. How the process
 * ended is told to the client last, when all of its output has passed.
 *
 * <p>One thread passes what the node sends, another one what the client sends. Each waits for whoever reads too slowly, and
 * holds one message meanwhile.
 */
final class StreamTranslation {
    private static final Logger log = LoggerFactory.getLogger(StreamTranslation.class);
    private static final long REPLIES_SECONDS_MAX = 30;
    private static final int STATUS_BYTES_MAX = 64 << 10;
    private static final int REFUSAL_BYTES_MAX = 16 << 10;
    private static final byte[] NOTHING = new byte[0];
    private static final String STREAM_TYPE = "streamtype";

    private final BackendCall call;
    private final Throttle throttle;
    private final StreamOptions options;
    private final Channels client;
    private final Map<Integer, Integer> channels = new HashMap<>();
    private final ByteArrayOutputStream status = new ByteArrayOutputStream();

    private StreamTranslation(BackendCall call, Throttle throttle, StreamOptions options, Channels client) {
        this.call = call;
        this.throttle = throttle;
        this.options = options;
        this.client = client;
    }

    /** Where the process is asked for. */
    interface Dial {
        BackendCall call() throws BackendException;
    }

    /** Translates until the process, the node or the client ends it. */
    static void run(Dial dial, Throttle throttle, StreamOptions options, Channels client) throws IOException {
        try (BackendCall call = dial.call()) {
            if (call.answer().switchesProtocols()) {
                new StreamTranslation(call, throttle, options, client).translate();
            } else {
                byte[] refusal = refusal(call);
                client.send(Channels.ERROR, refusal, 0, refusal.length);
            }
        } catch (BackendException e) {
            tell(client, ApiException.internal("error sending request: " + e.message(), null));
        } catch (ApiException e) {
            tell(client, e);
        }
    }

    private static void tell(Channels client, ApiException failure) throws IOException {
        byte[] json = StatusWriter.json(failure, false);
        client.send(Channels.ERROR, json, 0, json.length);
    }

    /** What a node says that does not want to stream, as a {@code Status}. */
    private static byte[] refusal(BackendCall call) {
        byte[] text = call.beginning(REFUSAL_BYTES_MAX);
        try {
            ObjectNode told = Json.parseObject(text);
            if (told.path("kind").asText("").equals("Status")) {
                return text;
            }
        } catch (MalformedException e) {
            // Then it is a text.
        }
        String shown = new String(text, StandardCharsets.UTF_8).strip();
        String why = shown.isEmpty() ? "unable to upgrade: status " + call.status() : shown;
        return StatusWriter.json(ApiException.internal("unable to upgrade connection: " + why, null), false);
    }

    private void translate() throws IOException {
        try (SpdySession node = new SpdySession(throttle.reading(call.raw()), throttle.writing(call.rawOutput()))) {
            try {
                tellStatus(passStreams(node));
            } finally {
                call.close(); // So that who still writes to the node stops, before the session is closed.
            }
        }
    }

    /** Returns whether the node has said how it ended, or that there is nothing to say. */
    private boolean passStreams(SpdySession node) throws IOException {
        int stdin;
        int resize;
        try {
            var _ = open(node, "error", Channels.ERROR);
            stdin = options.stdin() ? open(node, "stdin", Channels.STDIN) : 0;
            if (options.stdout()) {
                var _ = open(node, "stdout", Channels.STDOUT);
            }
            if (options.stderr() && !options.tty()) {
                var _ = open(node, "stderr", Channels.STDERR);
            }
            resize = options.tty() ? open(node, "resize", Channels.RESIZE) : 0;
        } catch (IOException e) {
            log.trace("a node has left before it began", e);
            return false;
        }
        CountDownLatch replies = new CountDownLatch(channels.size());
        Thread.ofVirtual().name("client to process").start(() -> passInput(node, stdin, resize, replies));
        return passOutput(node, replies);
    }

    private int open(SpdySession node, String type, int channel) throws IOException {
        int stream = node.open(STREAM_TYPE, type);
        channels.put(stream, channel);
        return stream;
    }

    private void passInput(SpdySession node, int stdin, int resize, CountDownLatch replies) {
        try (call) {
            if (!replies.await(REPLIES_SECONDS_MAX, TimeUnit.SECONDS)) {
                return; // A node that does not take the streams is left.
            }
            boolean open = stdin > 0;
            Channels.Event event = client.receive();
            while (event != null) {
                open = passEvent(node, event, open ? stdin : 0, resize);
                event = client.receive();
            }
        } catch (IOException e) {
            log.trace("a client has left its process", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Passes what the client has said.
     *
     * @param stdin the stream of that name; 0 for none
     * @param resize likewise
     * @return whether the client may send more for the process to read
     */
    private static boolean passEvent(SpdySession node, Channels.Event event, int stdin, int resize) throws IOException {
        switch (event) {
            case Channels.Event.Data data when data.data().length == 0 -> {
                // Some clients begin with these.
            }
            case Channels.Event.Data data
            when data.channel() == Channels.STDIN && stdin > 0 -> node.send(stdin, data.data(), false);
            case Channels.Event.Data data
            when data.channel() == Channels.RESIZE && resize > 0 -> node.send(resize, data.data(), false);
            case Channels.Event.Closed closed
            when closed.channel() == Channels.STDIN && stdin > 0 -> {
                node.send(stdin, NOTHING, true);
                return false;
            }
            case Channels.Event.Data _, Channels.Event.Closed _ -> {
                // Nobody has asked for that channel.
            }
        }
        return stdin > 0;
    }

    private boolean passOutput(SpdySession node, CountDownLatch replies) throws IOException {
        Set<Integer> open = new HashSet<>();
        channels.forEach((stream, channel) -> {
            if (channel != Channels.STDIN && channel != Channels.RESIZE) {
                open.add(stream);
            }
        });
        boolean told = false;
        while (!open.isEmpty()) {
            Object frame = receive(node);
            if (frame == null) {
                break;
            }
            try {
                switch (frame) {
                    case SpdySynReplyFrame _ -> replies.countDown();
                    case SpdyDataFrame data -> {
                        pass(data);
                        if (data.isLast()) {
                            told |= isError(data.streamId());
                            open.remove(data.streamId());
                        }
                    }
                    case SpdyRstStreamFrame reset -> {
                        if (replies.getCount() > 0) {
                            return false;
                        }
                        open.remove(reset.streamId());
                    }
                    case SpdyGoAwayFrame _ -> log.trace("a node ends its session");
                    default -> {
                        // Settings and windows change nothing here.
                    }
                }
            } finally {
                ReferenceCountUtil.release(frame);
            }
        }
        return told || status.size() > 0;
    }

    private static @Nullable Object receive(SpdySession node) {
        try {
            return node.receive();
        } catch (IOException e) {
            log.trace("the connection to a process ends", e);
            return null;
        }
    }

    private boolean isError(int stream) {
        return Integer.valueOf(Channels.ERROR).equals(channels.get(stream));
    }

    private void pass(SpdyDataFrame data) throws IOException {
        Integer channel = channels.get(data.streamId());
        byte[] bytes = ByteBufUtil.getBytes(data.content());
        if (channel == null || bytes.length == 0) {
            return;
        }
        if (channel == Channels.ERROR) {
            status.write(bytes, 0, Math.min(bytes.length, STATUS_BYTES_MAX - status.size()));
        } else {
            client.send(channel, bytes, 0, bytes.length);
        }
    }

    private void tellStatus(boolean complete) throws IOException {
        byte[] json;
        if (status.size() > 0) {
            json = status.toByteArray();
        } else if (complete) {
            ObjectNode success = Json.object();
            success.putObject("metadata");
            json = Json.encode(success.put("status", "Success"));
        } else {
            json = StatusWriter.json(
                    ApiException.internal("error reading from error stream: unexpected EOF", null), false);
        }
        client.send(Channels.ERROR, json, 0, json.length);
    }
}
