package io.keelson.apiserver.admission.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.ObjectLookup;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.object.ObjectMeta;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The webhooks of all configurations of a kind, by the names of the configurations and in their order within. Read again
 * only when a configuration has changed; a change is seen as soon as the cache of configurations has it.
 */
final class WebhookSource {
    private static final Logger log = LoggerFactory.getLogger(WebhookSource.class);

    private static final String GROUP = "admissionregistration.k8s.io";

    private final ObjectLookup objects;
    private final String resource;
    private volatile Read last = new Read(List.of(), List.of());

    /** What was read last, and of what. */
    private record Read(List<State> states, List<Webhook> webhooks) {}

    /** A configuration as it was read. */
    private record State(String uid, String resourceVersion) {}

    /** @param resource {@code mutatingwebhookconfigurations} or {@code validatingwebhookconfigurations} */
    WebhookSource(ObjectLookup objects, String resource) {
        this.objects = objects;
        this.resource = resource;
    }

    List<Webhook> webhooks() throws InterruptedException {
        List<ObjectNode> configurations = objects.all(GROUP, resource, "");
        if (configurations.isEmpty()) {
            return List.of();
        }
        List<State> states = configurations.stream()
                .map(configuration ->
                        new State(ObjectMeta.uid(configuration), ObjectMeta.resourceVersion(configuration)))
                .toList();
        Read known = last;
        if (!known.states().equals(states)) {
            known = new Read(states, read(configurations));
            last = known;
        }
        return known.webhooks();
    }

    private static List<Webhook> read(List<ObjectNode> configurations) {
        List<Webhook> webhooks = new ArrayList<>();
        configurations.stream().sorted(Comparator.comparing(ObjectMeta::name)).forEach(configuration -> {
            String name = ObjectMeta.name(configuration);
            int index = 0;
            for (JsonNode webhook : configuration.path("webhooks")) {
                try {
                    webhooks.add(Webhook.of(name, index++, webhook));
                } catch (MalformedException e) {
                    log.warn("a webhook of {} is left out: {}", name, e.message());
                }
            }
        });
        return List.copyOf(webhooks);
    }
}
