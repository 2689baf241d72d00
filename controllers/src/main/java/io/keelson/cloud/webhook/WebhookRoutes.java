package io.keelson.cloud.webhook;

import io.keelson.cloud.CloudException;
import io.keelson.cloud.Route;
import io.keelson.cloud.Routes;
import io.keelson.controllers.objects.OrEmpty;
import java.net.HttpURLConnection;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** Routes as a server knows them. */
final class WebhookRoutes implements Routes {
    private final WebhookClient client;

    WebhookRoutes(WebhookClient client) {
        this.client = client;
    }

    private static String path(String cluster) {
        return "/v1/clusters/" + Addresses.escaped(cluster) + "/routes";
    }

    @Override
    public List<Route> list(String cluster) {
        WebhookClient.Answer answer = client.send("GET", path(cluster), null, Set.of(HttpURLConnection.HTTP_OK));
        List<Contract.Route> routes =
                client.read(answer, Contract.RouteList.class).routes();
        if (routes == null) {
            // Not the contract's: all routes would be made once more for that.
            throw new CloudException("the answer about routes has no field routes");
        }
        return routes.stream()
                .filter(Objects::nonNull)
                .map(route -> new Route(
                        OrEmpty.of(route.name()),
                        OrEmpty.of(route.node()),
                        OrEmpty.of(route.destination()),
                        route.nodeAddresses() == null ? null : Addresses.read(route.nodeAddresses()),
                        route.blackhole()))
                .toList();
    }

    @Override
    public void create(String cluster, String nameHint, Route route) {
        WebhookClient.Answer _ = client.send(
                "POST",
                path(cluster),
                new Contract.NewRoute(
                        nameHint, route.node(), route.destination(), Addresses.write(route.nodeAddresses())),
                Set.of(HttpURLConnection.HTTP_CREATED));
    }

    @Override
    public void delete(String cluster, Route route) {
        boolean _ = client.isAbsent(client.send(
                "DELETE",
                path(cluster) + '/' + Addresses.escaped(route.name()),
                null,
                Set.of(HttpURLConnection.HTTP_NO_CONTENT, HttpURLConnection.HTTP_NOT_FOUND)));
    }
}
