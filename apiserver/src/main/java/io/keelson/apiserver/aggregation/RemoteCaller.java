package io.keelson.apiserver.aggregation;

import io.keelson.apiserver.certs.Credential;
import io.keelson.apiserver.certs.Pem;
import io.keelson.apiserver.certs.RemoteServer;
import io.keelson.apiserver.proxy.BackendCall;
import io.keelson.apiserver.proxy.BackendException;
import io.keelson.apiserver.proxy.BackendRequest;
import io.keelson.apiserver.proxy.Backends;
import io.keelson.apiserver.proxy.Destination;
import io.keelson.apiserver.proxy.Forwarding;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.request.UserInfo;
import io.keelson.apiserver.routing.NoRouteException;
import io.keelson.apiserver.routing.Route;
import io.keelson.apiserver.routing.ServiceRouting;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reaches one API server behind this one: passes requests on, and asks it things in this server's own name. Any thread. */
final class RemoteCaller {
    private static final Duration CONNECT_MAX = Duration.ofSeconds(10);
    private static final Duration ANSWER_MAX = Duration.ofSeconds(60);
    private static final Duration OWN_MAX = Duration.ofSeconds(5);

    /** Bytes of an answer that is read here. */
    private static final int ANSWER_BYTES_MAX = 8 << 20;

    private final ApiService service;
    private final ServiceRouting routing;
    private final Backends backends;
    private final Forwarding forwarding;
    private final Destination.Tls tls;
    private final Destination.Tls unverified;

    /** An answer that was read. */
    @SuppressWarnings("ArrayRecordComponent") // Handed over, not compared.
    record Answer(int status, String contentType, byte[] body) {}

    /** @throws IOException if the certificates of the service cannot be used */
    RemoteCaller(ApiService service, ServiceRouting routing, Backends backends, Credential shown) throws IOException {
        this.service = service;
        this.routing = routing;
        this.backends = backends;
        this.forwarding = new Forwarding(backends);
        this.unverified = tls(service, null, shown, true);
        this.tls = service.insecure() ? unverified : tls(service, authorities(service.caBundle()), shown, false);
    }

    private static Destination.Tls tls(
            ApiService service, @Nullable List<X509Certificate> authorities, Credential shown, boolean insecure)
            throws IOException {
        RemoteServer server = new RemoteServer(service.name(), authorities, shown, "", "", "", insecure);
        return new Destination.Tls(server.tls(), service.server().host());
    }

    private static @Nullable List<X509Certificate> authorities(String caBundle) throws IOException {
        try {
            return caBundle.isEmpty()
                    ? null
                    : Pem.certificates(Base64.getDecoder().decode(caBundle));
        } catch (IllegalArgumentException e) {
            throw new IOException("malformed caBundle", e);
        }
    }

    /**
     * Passes a request on.
     *
     * @param target path and query, escaped
     * @param lasting whether the answer may take as long as the client stays
     */
    ApiResponse forward(ApiRequest request, UserInfo user, String target, boolean lasting)
            throws InterruptedException, UnavailableException {
        Route route = route();
        InetAddress address;
        try {
            address = backends.resolve(route.host());
        } catch (BackendException e) {
            return unavailable("error trying to reach service: " + e.message());
        }
        return forwarding.forward(
                request,
                new Forwarding.Way(
                        new Destination(route.host(), route.port(), tls),
                        address,
                        target,
                        IdentityHeaders.of(user),
                        false,
                        null,
                        CONNECT_MAX,
                        lasting ? Duration.ZERO : ANSWER_MAX,
                        true,
                        (why, _) -> unavailable("error trying to reach service: " + why.message())));
    }

    private Route route() throws UnavailableException, InterruptedException {
        try {
            return routing.resolve(service.server());
        } catch (NoRouteException e) {
            throw new UnavailableException("FailedDiscoveryCheck", e.message());
        }
    }

    /** As the API says it: in plain text, which clients show as they show any server that is not there. */
    static ApiResponse unavailable(String why) {
        return ApiResponse.of(503, "text/plain; charset=utf-8", (why + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Asks something in this server's own name.
     *
     * @param accept what may come
     * @param verified whether the server must be the one that it says it is
     * @throws BackendException if there is no answer
     */
    Answer get(String target, String accept, boolean verified)
            throws BackendException, UnavailableException, InterruptedException {
        Route route = route();
        Destination destination = new Destination(route.host(), route.port(), verified ? tls : unverified);
        BackendRequest request =
                BackendRequest.get(destination, target).with("Accept", accept).keeping();
        for (var field : IdentityHeaders.of(IdentityHeaders.SELF).entrySet()) {
            request = request.with(field.getKey(), field.getValue().getFirst());
        }
        try (BackendCall call = BackendCall.send(
                backends,
                destination,
                backends.resolve(route.host()),
                request,
                new BackendCall.Patience(OWN_MAX, OWN_MAX, () -> false))) {
            return new Answer(call.status(), call.field("Content-Type"), call.bytes(ANSWER_BYTES_MAX, OWN_MAX));
        }
    }

    /** Where it is asked, for messages. */
    String shown(String path) throws UnavailableException, InterruptedException {
        return "https://" + route() + path;
    }
}
