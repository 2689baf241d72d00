package io.keelson.cloud.node;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Taint;
import io.keelson.cloud.CloudException;
import io.keelson.cloud.Instance;
import io.keelson.cloud.Zones.Zone;
import io.keelson.controllers.objects.OrEmpty;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What is written into a Node once its machine is known.
 *
 * @param providerId what {@code spec.providerID} is to be
 * @param labels to be set, whatever they were
 * @param taints all that the Node is to have
 */
record Initialization(String providerId, Map<String, String> labels, List<Taint> taints) {
    /** The taint that a Node has until then. */
    static final String UNINITIALIZED = "node.cloudprovider.kubernetes.io/uninitialized";

    private static final String BETA_TYPE = "beta.kubernetes.io/instance-type";
    private static final String TYPE = "node.kubernetes.io/instance-type";
    private static final String BETA_ZONE = "failure-domain.beta.kubernetes.io/zone";
    private static final String ZONE = "topology.kubernetes.io/zone";
    private static final String BETA_REGION = "failure-domain.beta.kubernetes.io/region";
    private static final String REGION = "topology.kubernetes.io/region";
    /** Each label with its beta name, which counts if they differ. */
    private static final Map<String, String> BETA_NAMES = Map.of(BETA_TYPE, TYPE, BETA_ZONE, ZONE, BETA_REGION, REGION);

    private static final Pattern KUBERNETES = Pattern.compile("(^|\\.)(kubernetes|k8s)\\.io/");

    Initialization {
        labels = Map.copyOf(labels);
        taints = List.copyOf(taints);
    }

    /** Whether a Node waits for it. */
    static boolean isWaitedFor(Node node) {
        return taints(node).stream().anyMatch(taint -> UNINITIALIZED.equals(taint.getKey()));
    }

    private static List<Taint> taints(Node node) {
        return node.getSpec() == null ? List.of() : OrEmpty.of(node.getSpec().getTaints());
    }

    /**
     * Out of what the provider says.
     *
     * @throws CloudException if it does not say enough for the Node to be used, or what contradicts its kubelet
     */
    static Initialization of(Node node, Instance instance, Zone zone) {
        String name = node.getMetadata().getName();
        String had = node.getSpec() == null ? "" : OrEmpty.of(node.getSpec().getProviderID());
        if (had.isEmpty() && instance.providerId().isEmpty()) {
            throw new CloudException("failed to get instance metadata for node " + name
                    + ": cloud provider does not set node provider ID for node " + name);
        }
        try {
            List<?> _ = CloudAddresses.preferred(node, instance.addresses());
        } catch (CloudException e) {
            throw new CloudException(
                    "failed to get node modifiers from cloud provider: provided node ip for node \"" + name
                            + "\" is not valid: " + e.getMessage(),
                    e);
        }
        return new Initialization(
                had.isEmpty() ? instance.providerId() : had,
                labels(node, instance, zone),
                taints(node).stream()
                        .filter(taint -> !UNINITIALIZED.equals(taint.getKey()))
                        .toList());
    }

    private static Map<String, String> labels(Node node, Instance instance, Zone zone) {
        Map<String, String> had = OrEmpty.of(node.getMetadata().getLabels());
        Map<String, String> labels = new HashMap<>();
        both(labels, BETA_TYPE, instance.type());
        both(labels, BETA_ZONE, zone.zone());
        both(labels, BETA_REGION, zone.region());
        instance.labels().forEach((key, value) -> {
            // Names of Kubernetes are not the provider's to give, and what is there stays as it is.
            if (!KUBERNETES.matcher(key).find() && !had.containsKey(key)) {
                labels.put(key, value);
            }
        });
        return labels;
    }

    private static void both(Map<String, String> labels, String beta, String value) {
        if (!value.isEmpty()) {
            labels.put(beta, value);
            labels.put(BETA_NAMES.get(beta), value);
        }
    }

    /** Labels by their stable names that a Node is to get, as those by the beta names say something else. */
    static Map<String, String> stableLabels(Node node) {
        Map<String, String> had = OrEmpty.of(node.getMetadata().getLabels());
        Map<String, String> labels = new HashMap<>();
        BETA_NAMES.forEach((beta, stable) -> {
            String value = had.get(beta);
            if (value != null && !value.equals(had.get(stable))) {
                labels.put(stable, value);
            }
        });
        return labels;
    }
}
