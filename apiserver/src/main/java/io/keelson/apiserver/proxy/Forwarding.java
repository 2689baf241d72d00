package io.keelson.apiserver.proxy;

import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.Reason;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.request.Headers;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Passes a request on to a backend and its answer back, upgrades of the connection included. */
public final class Forwarding {
    private static final Logger log = LoggerFactory.getLogger(Forwarding.class);
    private static final int PIECE_BYTES = 16 << 10;
    private static final String REDIRECTED = "the backend attempted to redirect this request, which is not permitted";

    private final Backends backends;
    private final Throttle throttle;

    /**
     * Where a request goes, and how.
     *
     * @param address what the host of the destination stands for; null, behind a proxy only, to have that look it up
     * @param target path and query there, escaped
     * @param added header fields that the backend gets besides those of the client, which they replace
     * @param upgradeRequired whether nothing but an upgrade makes sense
     * @param links changes where links and redirects in the answer lead; null if redirects are refused
     * @param connect how long it may take to connect
     * @param head how long the backend may be silent before its answer begins; zero for as long as the client stays
     * @param keeps whether connections are shared with other requests to the same destination
     * @param failure what the client is told if there is no answer
     */
    public record Way(
            Destination destination,
            @Nullable InetAddress address,
            String target,
            Map<String, List<String>> added,
            boolean upgradeRequired,
            @Nullable Links links,
            Duration connect,
            Duration head,
            boolean keeps,
            Failure failure) {}

    /** What the client is told if the backend gave no answer. */
    @FunctionalInterface
    public interface Failure {
        /** @throws ApiException if that is to be told */
        ApiResponse of(BackendException why, boolean upgrade);
    }

    public Forwarding(Backends backends) {
        this(backends, Throttle.to(0));
    }

    /** @param throttle how fast upgraded connections are */
    Forwarding(Backends backends, Throttle throttle) {
        this.backends = backends;
        this.throttle = throttle;
    }

    /**
     * The protocol that a client wants to change to; empty for none.
     *
     * @throws ApiException BadRequest if it wants to send a body, too: who reads what then would be anybody's guess
     */
    static String upgradeOf(ApiRequest request) {
        Headers headers = request.headers();
        boolean wanted = false;
        for (String value : headers.all("Connection")) {
            for (String option : value.split(",", -1)) {
                wanted |= option.trim().toLowerCase(Locale.ROOT).equals("upgrade");
            }
        }
        String protocol = headers.first("Upgrade");
        if (!wanted || protocol == null || protocol.isBlank()) {
            return "";
        }
        String length = headers.first("Content-Length");
        if (headers.first("Transfer-Encoding") != null || (length != null && !length.equals("0"))) {
            throw ApiException.badRequest("a request to upgrade the connection must not have a body");
        }
        return protocol;
    }

    /** Forwards a request. Waits until the head of the answer is there. */
    public ApiResponse forward(ApiRequest request, Way way) {
        String upgrade = upgradeOf(request);
        if (way.upgradeRequired() && upgrade.isEmpty()) {
            throw ApiException.badRequest("Upgrade request required");
        }
        BackendCall call;
        try {
            call = BackendCall.send(
                    backends,
                    way.destination(),
                    way.address(),
                    outgoing(request, way, upgrade),
                    new BackendCall.Patience(way.connect(), way.head(), request::clientGone));
        } catch (BackendException e) {
            return way.failure().of(e, !upgrade.isEmpty());
        }
        if (call.answer().switchesProtocols()) {
            if (upgrade.isEmpty() || !call.field("Upgrade").equalsIgnoreCase(upgrade)) {
                call.close();
                return way.failure().of(new BackendException("the backend switched to another protocol"), true);
            }
            Map<String, String> fields = ForwardedHeaders.toClient(call.answer().fields(), false);
            fields.put("Upgrade", call.field("Upgrade"));
            return new ApiResponse.Upgraded(fields, tunnel(call, throttle));
        }
        return answer(request, way, call);
    }

    private static BackendRequest outgoing(ApiRequest request, Way way, String upgrade) {
        Map<String, List<String>> fields = ForwardedHeaders.toBackend(request.headers());
        String client = request.remote().getAddress().getHostAddress();
        List<String> before = request.headers().all("X-Forwarded-For");
        fields.put("X-Forwarded-For", List.of(before.isEmpty() ? client : String.join(", ", before) + ", " + client));
        fields.putAll(way.added());
        String length = request.headers().first("Content-Length");
        boolean chunks = request.headers().first("Transfer-Encoding") != null;
        boolean reads = request.method().equals("GET") || request.method().equals("HEAD");
        boolean body = upgrade.isEmpty() && (chunks || (length == null ? !reads : !length.equals("0")));
        return new BackendRequest(
                request.method(),
                way.target(),
                way.destination().authority(),
                fields,
                upgrade,
                body ? request.body().stream() : null,
                chunks || length == null ? -1 : Long.parseLong(length),
                way.keeps());
    }

    private static ApiResponse answer(ApiRequest request, Way way, BackendCall call) {
        boolean redirects = call.status() >= 300
                && call.status() <= 399
                && !call.field("Location").isEmpty();
        Links links = way.links();
        if (redirects && links == null) {
            call.close();
            return ApiResponse.of(502, "text/plain; charset=utf-8", REDIRECTED.getBytes(StandardCharsets.UTF_8));
        }
        boolean head = request.method().equals("HEAD");
        Map<String, String> fields = new LinkedHashMap<>(ForwardedHeaders.toClient(
                call.answer().fields(), call.answer().all("Transfer-Encoding").isEmpty()));
        UnaryOperator<InputStream> change = UnaryOperator.identity();
        if (links != null) {
            fields.computeIfPresent("Location", (_, to) -> links.rewritten(to));
            if (links.fits(call.field("Content-Type"), call.field("Content-Encoding")) && !head) {
                fields.remove("Content-Length");
                change = links::rewritten;
            }
        }
        UnaryOperator<InputStream> changed = change;
        return new ApiResponse.Streamed(call.status(), fields, out -> {
            try (call;
                    InputStream body = Objects.requireNonNull(changed.apply(call.body()))) {
                pass(body, out);
            }
        });
    }

    /** Passes bytes on as they come. */
    static void pass(InputStream from, OutputStream to) throws IOException {
        byte[] piece = new byte[PIECE_BYTES];
        int count;
        while ((count = from.read(piece)) >= 0) {
            to.write(piece, 0, count);
            if (from.available() == 0) {
                to.flush();
            }
        }
        to.flush();
    }

    /** Bytes in both directions, until one side ends; then both do. */
    private static ApiResponse.Conversation tunnel(BackendCall call, Throttle throttle) {
        return (in, out) -> {
            try (call) {
                InputStream fromBackend = throttle.reading(call.raw());
                OutputStream toBackend = throttle.writing(call.rawOutput());
                Thread.ofVirtual().name("client to backend").start(() -> {
                    try (call) {
                        pass(in, toBackend);
                    } catch (IOException e) {
                        log.trace("a tunnel ends", e);
                    }
                });
                pass(fromBackend, out);
            } catch (IOException e) {
                // One of the two has left without a word, and so does the other.
                log.trace("a tunnel ends", e);
            }
        };
    }

    /** As the API tells it for {@code proxy} subresources. */
    static ApiException unreachable(BackendException why, boolean upgrade) {
        return upgrade
                ? ApiException.of(Reason.UNKNOWN, "error dialing backend: " + why.message())
                : ApiException.of(Reason.SERVICE_UNAVAILABLE, "error trying to reach service: " + why.message());
    }
}
