package io.keelson.apiserver.server;

import io.keelson.apiserver.certs.RemoteServer;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.health.HealthCheck;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.rest.Component;
import io.keelson.apiserver.rest.Component.Health;
import io.keelson.apiserver.rest.RestApi;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The parts of a control plane on this machine, at the ports at which they tell how they are. */
final class ControlPlane {
    private static final Duration LOOK_MAX = Duration.ofSeconds(20);

    private ControlPlane() {}

    /** @param overriding looks at each of the stores that single resources are in */
    static List<Component> of(RestApi rest, List<HealthCheck> overriding) {
        List<Component> components = new ArrayList<>(List.of(
                new Component("controller-manager", () -> health("https://127.0.0.1:10257/healthz")),
                new Component("scheduler", () -> health("https://127.0.0.1:10259/healthz")),
                new Component("etcd-0", () -> store(rest))));
        for (HealthCheck store : overriding) {
            String name = "etcd-" + (components.size() - 2);
            components.add(new Component(name, () -> overriding(store)));
        }
        return components;
    }

    private static Health overriding(HealthCheck store) throws InterruptedException {
        String problem = store.check().problem();
        return problem == null ? Health.OK : new Health(false, "", problem);
    }

    private static Health store(RestApi rest) throws InterruptedException {
        Resource namespaces = rest.resource("", "namespaces");
        try {
            var _ = rest.read(namespaces, "", "default");
            return Health.OK;
        } catch (ApiException e) {
            return new Health(false, "", e.message());
        }
    }

    /** Each has a certificate of its own making, so that there is nothing to check it against. */
    private static Health health(String url) throws InterruptedException {
        RemoteServer server = new RemoteServer(url, null, null, "", "", "", true);
        try (HttpClient client = HttpClient.newBuilder()
                .sslContext(server.tls())
                .connectTimeout(LOOK_MAX)
                .followRedirects(HttpClient.Redirect.NEVER)
                .build()) {
            HttpResponse<String> answer = client.send(
                    HttpRequest.newBuilder(URI.create(url)).timeout(LOOK_MAX).build(),
                    HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofString(), 10_240));
            return answer.statusCode() >= 200 && answer.statusCode() < 400
                    ? new Health(true, answer.body(), "")
                    : new Health(false, "HTTP probe failed with statuscode: " + answer.statusCode(), "");
        } catch (IOException e) {
            String why = e.getMessage() == null || e instanceof ConnectException
                    ? "dial tcp 127.0.0.1:" + URI.create(url).getPort() + ": connect: connection refused"
                    : e.getMessage();
            return new Health(false, "Get \"" + url + "\": " + why, "");
        }
    }
}
