package io.keelson.agent.environment;

import io.fabric8.kubernetes.api.model.ObjectFieldSelector;
import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.controllers.objects.OrEmpty;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Fields of a pod by their path, as variables and files of the downward API name them. */
public final class PodFields {
    private static final Pattern SUBSCRIPT =
            Pattern.compile("metadata\\.(labels|annotations)\\['(.*)'\\]", Pattern.DOTALL);

    private PodFields() {}

    /**
     * The value of a field, the one that this node knows better included: addresses, and the node's name.
     *
     * @param podIps the pod's addresses; empty if it has none yet
     * @param hostIps the node's addresses; empty if it has none yet
     * @throws ReferenceException if no pod has such a field, or what is asked for is not known yet
     */
    public static String value(Pod pod, ObjectFieldSelector field, List<String> podIps, List<String> hostIps)
            throws ReferenceException {
        String version = OrEmpty.of(field.getApiVersion());
        if (!version.isEmpty() && !"v1".equals(version)) {
            throw new ReferenceException("unsupported pod version: " + version);
        }
        String path = OrEmpty.of(field.getFieldPath());
        return switch (path) {
            case "metadata.name" -> OrEmpty.of(pod.getMetadata().getName());
            case "metadata.namespace" -> OrEmpty.of(pod.getMetadata().getNamespace());
            case "metadata.uid" -> OrEmpty.of(pod.getMetadata().getUid());
            case "metadata.labels" -> lines(pod.getMetadata().getLabels());
            case "metadata.annotations" -> lines(pod.getMetadata().getAnnotations());
            case "spec.nodeName", "spec.host" -> OrEmpty.of(pod.getSpec().getNodeName());
            case "spec.serviceAccountName" -> OrEmpty.of(pod.getSpec().getServiceAccountName());
            case "status.hostIP" -> known(hostIps).getFirst();
            case "status.hostIPs" -> String.join(",", known(hostIps));
            case "status.podIP" ->
                podIps.isEmpty() ? "" : preferred(podIps, hostIps).getFirst();
            case "status.podIPs" -> String.join(",", preferred(podIps, hostIps));
            case "spec.restartPolicy", "spec.schedulerName", "status.phase" ->
                throw new ReferenceException("unsupported fieldPath: " + path);
            default -> subscript(pod, path);
        };
    }

    private static List<String> known(List<String> hostIps) throws ReferenceException {
        if (hostIps.isEmpty()) {
            throw new ReferenceException("host IP unknown; known addresses: []");
        }
        return hostIps;
    }

    /** A pod's first address is of the family that the node prefers, in whatever order the network names them. */
    private static List<String> preferred(List<String> podIps, List<String> hostIps) {
        if (hostIps.isEmpty()) {
            return podIps;
        }
        boolean v6 = hostIps.getFirst().indexOf(':') >= 0;
        return podIps.stream()
                .sorted(Comparator.comparing(ip -> (ip.indexOf(':') >= 0) != v6))
                .toList();
    }

    private static String subscript(Pod pod, String path) throws ReferenceException {
        Matcher matcher = SUBSCRIPT.matcher(path);
        if (!matcher.matches()) {
            throw new ReferenceException("field label not supported: " + path);
        }
        Map<String, String> entries = "labels".equals(matcher.group(1))
                ? pod.getMetadata().getLabels()
                : pod.getMetadata().getAnnotations();
        return OrEmpty.of(OrEmpty.of(entries).get(matcher.group(2)));
    }

    /** All labels or annotations, a line for each, by their names; as a file of the downward API has them. */
    private static String lines(Map<String, String> entries) {
        return new TreeMap<>(OrEmpty.of(entries))
                .entrySet().stream()
                        .map(entry -> entry.getKey() + '=' + GoQuoted.of(entry.getValue()))
                        .collect(Collectors.joining("\n"));
    }
}
