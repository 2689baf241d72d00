package io.keelson.cloud.webhook;

import io.fabric8.kubernetes.api.model.Node;
import io.keelson.cloud.CloudException;
import io.keelson.cloud.Instance;
import io.keelson.cloud.Instances;
import io.keelson.cloud.Zones.Zone;
import io.keelson.controllers.objects.OrEmpty;
import java.net.HttpURLConnection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Machines and their zones as a server knows them. */
final class WebhookInstances implements Instances {
    private final WebhookClient client;

    WebhookInstances(WebhookClient client) {
        this.client = client;
    }

    private Optional<Contract.Instance> ask(Node node) {
        String providerId =
                node.getSpec() == null ? "" : OrEmpty.of(node.getSpec().getProviderID());
        WebhookClient.Answer answer = client.send(
                "GET",
                "/v1/instances?name=" + Addresses.escaped(node.getMetadata().getName())
                        + (providerId.isEmpty() ? "" : "&providerID=" + Addresses.escaped(providerId)),
                null,
                Set.of(HttpURLConnection.HTTP_OK, HttpURLConnection.HTTP_NOT_FOUND));
        return client.isAbsent(answer) ? Optional.empty() : Optional.of(client.read(answer, Contract.Instance.class));
    }

    @Override
    public boolean exists(Node node) {
        return ask(node).isPresent();
    }

    @Override
    public boolean isShutDown(Node node) {
        return ask(node).map(Contract.Instance::shutdown).orElse(false);
    }

    @Override
    public Optional<Instance> find(Node node) {
        return ask(node)
                .map(found -> new Instance(
                        OrEmpty.of(found.providerId()),
                        OrEmpty.of(found.instanceType()),
                        Addresses.read(found.addresses()),
                        labels(OrEmpty.of(found.labels()))));
    }

    private static Map<String, String> labels(Map<String, String> labels) {
        return labels.entrySet().stream()
                .filter(label -> label.getKey() != null && label.getValue() != null)
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    Zone zone(Node node) {
        return ask(node)
                .map(found -> new Zone(OrEmpty.of(found.zone()), OrEmpty.of(found.region())))
                .orElseThrow(() -> new CloudException(
                        "there is no instance for node " + node.getMetadata().getName()));
    }
}
