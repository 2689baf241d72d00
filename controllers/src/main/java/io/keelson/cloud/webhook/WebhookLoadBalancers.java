package io.keelson.cloud.webhook;

import io.fabric8.kubernetes.api.model.LoadBalancerIngressBuilder;
import io.fabric8.kubernetes.api.model.LoadBalancerStatus;
import io.fabric8.kubernetes.api.model.LoadBalancerStatusBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import io.keelson.cloud.CloudException;
import io.keelson.cloud.LoadBalancers;
import io.keelson.cloud.SourceRanges;
import io.keelson.controllers.objects.IpPrefix;
import io.keelson.controllers.objects.OrEmpty;
import java.net.HttpURLConnection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** Load balancers as a server has them. */
final class WebhookLoadBalancers implements LoadBalancers {
    private final WebhookClient client;

    WebhookLoadBalancers(WebhookClient client) {
        this.client = client;
    }

    private static String path(String cluster, Service service) {
        return "/v1/clusters/" + Addresses.escaped(cluster) + "/load-balancers/"
                + Addresses.escaped(LoadBalancers.name(service));
    }

    private LoadBalancerStatus status(WebhookClient.Answer answer) {
        List<Contract.Ingress> ingress =
                client.read(answer, Contract.LoadBalancer.class).ingress();
        if (ingress == null) {
            // Not the contract's: a Service must not lose its addresses for that.
            throw new CloudException("the answer about a load balancer has no field ingress");
        }
        return new LoadBalancerStatusBuilder()
                .withIngress(ingress.stream()
                        .filter(Objects::nonNull)
                        .map(each -> new LoadBalancerIngressBuilder()
                                .withIp(each.ip())
                                .withHostname(each.hostname())
                                .withIpMode(each.ipMode())
                                .build())
                        .toList())
                .build();
    }

    @Override
    public Optional<LoadBalancerStatus> find(String cluster, Service service) {
        WebhookClient.Answer answer = client.send(
                "GET",
                path(cluster, service),
                null,
                Set.of(HttpURLConnection.HTTP_OK, HttpURLConnection.HTTP_NOT_FOUND));
        return client.isAbsent(answer) ? Optional.empty() : Optional.of(status(answer));
    }

    @Override
    public LoadBalancerStatus ensure(String cluster, Service service, List<Node> nodes) {
        return status(
                client.send("PUT", path(cluster, service), wanted(service, nodes), Set.of(HttpURLConnection.HTTP_OK)));
    }

    private static Contract.WantedLoadBalancer wanted(Service service, List<Node> nodes) {
        ServiceSpec spec = service.getSpec();
        String address = OrEmpty.of(spec.getLoadBalancerIP());
        return new Contract.WantedLoadBalancer(
                service.getMetadata().getNamespace(),
                service.getMetadata().getName(),
                service.getMetadata().getUid(),
                OrEmpty.of(service.getMetadata().getAnnotations()),
                OrEmpty.of(spec.getPorts()).stream()
                        .map(port -> new Contract.Port(
                                OrEmpty.of(port.getName()),
                                port.getProtocol() == null ? "TCP" : port.getProtocol(),
                                port.getAppProtocol(),
                                OrEmpty.of(port.getPort()),
                                OrEmpty.of(port.getNodePort())))
                        .toList(),
                OrEmpty.of(spec.getIpFamilies()),
                address.isEmpty() ? null : address,
                SourceRanges.of(service).ranges().stream()
                        .map(IpPrefix::toString)
                        .toList(),
                spec.getExternalTrafficPolicy() == null ? "Cluster" : spec.getExternalTrafficPolicy(),
                OrEmpty.of(spec.getHealthCheckNodePort()),
                spec.getSessionAffinity() == null ? "None" : spec.getSessionAffinity(),
                Addresses.nodes(nodes));
    }

    @Override
    public void update(String cluster, Service service, List<Node> nodes) {
        WebhookClient.Answer _ = client.send(
                "PUT",
                path(cluster, service) + "/nodes",
                new Contract.NodeList(Addresses.nodes(nodes)),
                Set.of(HttpURLConnection.HTTP_NO_CONTENT));
    }

    @Override
    public void delete(String cluster, Service service) {
        boolean _ = client.isAbsent(client.send(
                "DELETE",
                path(cluster, service),
                null,
                Set.of(HttpURLConnection.HTTP_NO_CONTENT, HttpURLConnection.HTTP_NOT_FOUND)));
    }
}
