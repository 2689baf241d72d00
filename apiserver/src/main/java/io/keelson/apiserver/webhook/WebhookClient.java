package io.keelson.apiserver.webhook;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.certs.Credential;
import io.keelson.apiserver.certs.HttpClients;
import io.keelson.apiserver.certs.Pem;
import io.keelson.apiserver.certs.RemoteServer;
import io.keelson.apiserver.egress.EgressClients;
import io.keelson.apiserver.object.GoText;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.routing.NoRouteException;
import io.keelson.apiserver.routing.Route;
import io.keelson.apiserver.routing.ServiceRouting;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Posts reviews to webhooks and returns what they answer, over HTTP/2 where the webhook speaks it, else HTTP/1.1;
 * connections are kept for the next call. One client serves a whole server. Any thread.
 *
 * <p>What a webhook can do to its callers is bounded: a call as a whole lasts no longer than the caller says, an answer has
 * no more than {@link #ANSWER_BYTES_MAX}, and redirects are answers like any other, and no good ones. At most {@link
 * #CALLS_MAX} calls are under way at a time; further ones wait for their turn, within their time. A thread that is
 * interrupted gives its call up, and the connection with it where it cannot be used for something else.
 */
public final class WebhookClient implements AutoCloseable {
    /** Bytes of an answer, as a conversion of large objects may need them. */
    public static final int ANSWER_BYTES_MAX = 16 << 20;

    /** Calls under way at a time, to all webhooks together. */
    public static final int CALLS_MAX = 512;

    private static final int CONNECTORS_MAX = 256;

    private final ServiceRouting routing;
    private final EgressClients egress;
    private final WebhookCredentials credentials;
    private final Shared shared;

    /** What clients have in common that show different things to the same webhooks. */
    private static final class Shared {
        private final Semaphore calls = new Semaphore(CALLS_MAX);
        private final Map<Trust, HttpClient> connectors = new LinkedHashMap<>(16, 0.75f, true);
        private boolean closed;
    }

    /**
     * What connections have in common: whom is believed, what name the other side must have, what it is shown, and how it is
     * connected to.
     *
     * @param shown null for nothing
     */
    private record Trust(
            String caBundle, String serverName, @Nullable Credential shown, HttpClients clients) {}

    /**
     * Calls webhooks that are Services as others in the cluster, those that are URLs as others beside this server.
     *
     * @param routing where Services lead
     */
    public WebhookClient(ServiceRouting routing, EgressClients egress) {
        this(routing, egress, WebhookCredentials.NONE, new Shared());
    }

    private WebhookClient(ServiceRouting routing, EgressClients egress, WebhookCredentials credentials, Shared shared) {
        this.routing = routing;
        this.egress = egress;
        this.credentials = credentials;
        this.shared = shared;
    }

    /** The same client, closed with this one, which shows something to webhooks. */
    public WebhookClient showing(WebhookCredentials shown) {
        return new WebhookClient(routing, egress, shown, shared);
    }

    /**
     * Posts a review and returns the answer.
     *
     * @param timeout for the call as a whole
     * @throws WebhookException if there is no answer with a status of success that is a JSON object
     */
    public ObjectNode post(ClientConfig config, ObjectNode review, Duration timeout)
            throws WebhookException, InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        RemoteServer as = credentials.shownTo(config);
        HttpClient connector = connector(new Trust(
                config.caBundle(),
                config.serverName(),
                as == null ? null : as.client(),
                config.service() == null ? egress.controlPlane() : egress.cluster()));
        String query = "?timeout=" + Math.max(1, timeout.plusNanos(999_999_999).toSeconds()) + "s";
        String post = "Post " + GoText.quoted(shown(config) + query) + ": ";
        if (!shared.calls.tryAcquire(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
            throw WebhookException.failed(post + CallFailure.DEADLINE);
        }
        try {
            URI address = address(config, query, post);
            HttpRequest.Builder request = HttpRequest.newBuilder(address)
                    .header("Content-Type", "application/json")
                    .header("Accept", "application/json, */*")
                    .header("User-Agent", "kube-apiserver-admission")
                    .POST(HttpRequest.BodyPublishers.ofByteArray(Json.encode(review)));
            if (as != null && !as.authorization().isEmpty()) {
                request.header("Authorization", as.authorization());
            }
            return answer(exchange(connector, request.build(), deadline, post));
        } finally {
            shared.calls.release();
        }
    }

    private static String shown(ClientConfig config) {
        String shown = config.shown();
        // A URL without a path has the root as its path.
        return shown.indexOf('/', "https://".length()) < 0 ? shown + "/" : shown;
    }

    private URI address(ClientConfig config, String query, String post) throws WebhookException, InterruptedException {
        ClientConfig.Service service = config.service();
        try {
            if (service == null) {
                return URI.create(shown(config) + query);
            }
            Route found = routing.resolve(service.port());
            Route route = egress.cluster().leavesNames() ? found : resolved(found, post);
            return URI.create("https://" + route + service.path() + query);
        } catch (NoRouteException e) {
            throw WebhookException.failed(post + e.message());
        } catch (IllegalArgumentException e) {
            throw WebhookException.unusable("malformed address: " + e.getMessage());
        }
    }

    /** Never a name: the name that the certificate must have is that of the Service, whatever it is reached by. */
    private static Route resolved(Route route, String post) throws WebhookException {
        String address;
        try {
            address = InetAddress.getByName(route.host()).getHostAddress();
        } catch (UnknownHostException e) {
            throw WebhookException.failed(post + "dial tcp: lookup " + route.host() + ": no such host");
        }
        int zone = address.indexOf('%');
        return new Route(zone < 0 ? address : address.substring(0, zone), route.port());
    }

    private static HttpResponse<byte[]> exchange(HttpClient connector, HttpRequest request, long deadline, String post)
            throws WebhookException, InterruptedException {
        CompletableFuture<HttpResponse<byte[]>> exchange;
        try {
            exchange = connector.sendAsync(
                    request,
                    HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofByteArray(), ANSWER_BYTES_MAX));
        } catch (IllegalArgumentException e) {
            throw WebhookException.unusable("malformed address: " + e.getMessage());
        }
        try {
            return exchange.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw WebhookException.failed(post + CallFailure.DEADLINE);
        } catch (ExecutionException e) {
            throw WebhookException.failed(post + CallFailure.text(e.getCause(), request.uri()));
        } finally {
            // Does nothing to one that is done.
            exchange.cancel(true);
        }
    }

    private static ObjectNode answer(HttpResponse<byte[]> response) throws WebhookException {
        int status = response.statusCode();
        if (status < 200 || status > 299) {
            throw WebhookException.refused(CallFailure.refusal(response), response.statusCode());
        }
        try {
            return Json.parseObject(response.body());
        } catch (MalformedException e) {
            throw WebhookException.failed("couldn't get version/kind; json parse error: " + e.message());
        }
    }

    private HttpClient connector(Trust trust) throws WebhookException {
        Map<Trust, HttpClient> connectors = shared.connectors;
        synchronized (connectors) {
            if (shared.closed) {
                throw WebhookException.unusable("the server is stopping");
            }
            HttpClient known = connectors.get(trust);
            if (known != null) {
                return known;
            }
            HttpClient made = connect(trust);
            connectors.put(trust, made);
            if (connectors.size() > CONNECTORS_MAX) {
                var eldest = connectors.entrySet().iterator();
                HttpClient longUnused = eldest.next().getValue();
                eldest.remove();
                // Ends when the calls under way have ended.
                longUnused.shutdown();
            }
            return made;
        }
    }

    private static HttpClient connect(Trust trust) throws WebhookException {
        try {
            RemoteServer server = new RemoteServer(
                    trust.serverName(), authorities(trust.caBundle()), trust.shown(), "", "", "", false);
            return trust.clients().client(server.tls(), trust.serverName(), Duration.ZERO);
        } catch (IOException | IllegalArgumentException e) {
            throw WebhookException.unusable(String.valueOf(e.getMessage()));
        }
    }

    private static @Nullable List<X509Certificate> authorities(String caBundle) throws IOException {
        if (caBundle.isEmpty()) {
            return null;
        }
        List<X509Certificate> found = Pem.certificates(Base64.getDecoder().decode(caBundle));
        if (found.isEmpty()) {
            throw new IOException("unable to load root certificates: unable to parse bytes as PEM block");
        }
        return found;
    }

    @Override
    public void close() {
        List<HttpClient> open;
        synchronized (shared.connectors) {
            shared.closed = true;
            open = List.copyOf(shared.connectors.values());
            shared.connectors.clear();
        }
        open.forEach(HttpClient::shutdownNow);
        open.forEach(HttpClient::close);
    }
}
