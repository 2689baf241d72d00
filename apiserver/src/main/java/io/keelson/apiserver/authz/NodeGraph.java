package io.keelson.apiserver.authz;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.object.ObjectMeta;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiPredicate;

/**
 * Which objects nodes have to do with. Kept up to date by calls that follow the watches of pods, persistent volumes,
 * volume attachments, resource slices and pod certificate requests; asked by any thread meanwhile, without waiting.
 *
 * <pre>
 * node ◄─ pod ◄─ secret, configmap, service account, claim of a volume, claim of devices
 *                                                         ▲
 *                                                         └─ volume ◄─ secret
 * node ◄─ volume attachment, resource slice, pod certificate request
 * </pre>
 *
 * <p>For every object that pods use there is a count of such pods by node, so that a question is one look-up (for the
 * secret of a volume one per volume that names it) however many pods there are.
 */
public final class NodeGraph {
    private static final String MIRROR = "kubernetes.io/config.mirror";

    private final Map<Ref, Map<String, Integer>> uses = new ConcurrentHashMap<>();
    private final Map<Ref, PodEntry> pods = new ConcurrentHashMap<>();
    private final Map<String, VolumeEntry> volumes = new ConcurrentHashMap<>();
    private final Map<Ref, Set<String>> volumesBySecret = new ConcurrentHashMap<>();
    private final Map<Ref, String> owned = new ConcurrentHashMap<>();

    /** Kinds of objects that a node may have to do with. */
    public enum Kind {
        POD,
        SECRET,
        CONFIG_MAP,
        SERVICE_ACCOUNT,
        VOLUME_CLAIM,
        VOLUME,
        RESOURCE_CLAIM,
        VOLUME_ATTACHMENT,
        RESOURCE_SLICE,
        POD_CERTIFICATE_REQUEST
    }

    private record Ref(Kind kind, String namespace, String name) {}

    /** @param refs what else than itself its node may read for it */
    private record PodEntry(String node, Ref[] refs) {}

    private record VolumeEntry(Ref claim, Set<Ref> secrets) {}

    /** Whether a node has to do with an object. */
    public boolean related(String node, Kind kind, String namespace, String name) {
        return switch (kind) {
            case VOLUME_ATTACHMENT, RESOURCE_SLICE, POD_CERTIFICATE_REQUEST ->
                node.equals(owned.get(new Ref(kind, namespace, name)));
            case POD -> {
                PodEntry pod = pods.get(new Ref(kind, namespace, name));
                yield pod != null && pod.node().equals(node);
            }
            case VOLUME -> {
                VolumeEntry volume = volumes.get(name);
                yield volume != null && used(node, volume.claim());
            }
            case SECRET -> {
                Ref secret = new Ref(kind, namespace, name);
                yield used(node, secret) || usedByVolume(node, secret);
            }
            default -> used(node, new Ref(kind, namespace, name));
        };
    }

    private boolean used(String node, Ref ref) {
        Map<String, Integer> nodes = uses.get(ref);
        return nodes != null && nodes.containsKey(node);
    }

    private boolean usedByVolume(String node, Ref secret) {
        for (String name : volumesBySecret.getOrDefault(secret, Set.of())) {
            VolumeEntry volume = volumes.get(name);
            if (volume != null && used(node, volume.claim())) {
                return true;
            }
        }
        return false;
    }

    /** Kinds of objects that a pod names and that its node may therefore use. */
    public static Set<Kind> namedBy(JsonNode pod) {
        Set<Ref> refs = new HashSet<>();
        collect(pod, "", refs);
        Set<Kind> kinds = EnumSet.noneOf(Kind.class);
        refs.forEach(ref -> kinds.add(ref.kind()));
        return kinds;
    }

    /** Puts in a pod that is new or changed; one that is on no node yet has nothing to do with any. */
    public synchronized void putPod(JsonNode pod) {
        String namespace = ObjectMeta.namespace(pod);
        Ref self = new Ref(Kind.POD, namespace, ObjectMeta.name(pod));
        String node = pod.path("spec").path("nodeName").asText();
        if (node.isEmpty()) {
            remove(self);
            return;
        }
        Set<Ref> refs = new HashSet<>();
        // A node makes its own mirror pods: they must not open anything to it
        if (ObjectMeta.annotation(pod, MIRROR) == null) {
            collect(pod, namespace, refs);
        }
        PodEntry old = pods.put(self, new PodEntry(node, refs.toArray(Ref[]::new)));
        refs.forEach(ref -> count(ref, node, 1));
        if (old != null) {
            forget(old);
        }
    }

    public synchronized void removePod(String namespace, String name) {
        remove(new Ref(Kind.POD, namespace, name));
    }

    private void remove(Ref pod) {
        PodEntry old = pods.remove(pod);
        if (old != null) {
            forget(old);
        }
    }

    private void forget(PodEntry pod) {
        for (Ref ref : pod.refs()) {
            count(ref, pod.node(), -1);
        }
    }

    private void count(Ref ref, String node, int change) {
        uses.compute(ref, (_, nodes) -> {
            Map<String, Integer> counts = nodes == null ? new ConcurrentHashMap<>(2) : nodes;
            counts.merge(node, change, (a, b) -> a + b == 0 ? null : a + b);
            return counts.isEmpty() ? null : counts;
        });
    }

    private static void collect(JsonNode pod, String namespace, Set<Ref> refs) {
        JsonNode spec = pod.path("spec");
        References add = (kind, name) -> {
            if (!name.isEmpty()) {
                refs.add(new Ref(kind, namespace, name));
            }
        };
        add.add(Kind.SERVICE_ACCOUNT, spec.path("serviceAccountName").asText());
        for (JsonNode secret : spec.path("imagePullSecrets")) {
            add.add(Kind.SECRET, secret.path("name").asText());
        }
        for (String containers : new String[] {"containers", "initContainers", "ephemeralContainers"}) {
            for (JsonNode container : spec.path(containers)) {
                environment(container, add);
            }
        }
        for (JsonNode volume : spec.path("volumes")) {
            volume(volume, ObjectMeta.name(pod), add);
        }
        for (JsonNode claim : spec.path("resourceClaims")) {
            String direct = claim.path("resourceClaimName").asText();
            add.add(Kind.RESOURCE_CLAIM, direct.isEmpty() ? generatedClaim(pod, claim) : direct);
        }
        add.add(
                Kind.RESOURCE_CLAIM,
                pod.path("status")
                        .path("extendedResourceClaimStatus")
                        .path("resourceClaimName")
                        .asText());
    }

    /** The claim that was made from the template which a pod's claim names. */
    private static String generatedClaim(JsonNode pod, JsonNode claim) {
        for (JsonNode status : pod.path("status").path("resourceClaimStatuses")) {
            if (status.path("name").equals(claim.path("name"))) {
                return status.path("resourceClaimName").asText();
            }
        }
        return "";
    }

    @FunctionalInterface
    private interface References {
        void add(Kind kind, String name);
    }

    private static void environment(JsonNode container, References add) {
        for (JsonNode from : container.path("envFrom")) {
            add.add(Kind.SECRET, from.path("secretRef").path("name").asText());
            add.add(Kind.CONFIG_MAP, from.path("configMapRef").path("name").asText());
        }
        for (JsonNode variable : container.path("env")) {
            JsonNode from = variable.path("valueFrom");
            add.add(Kind.SECRET, from.path("secretKeyRef").path("name").asText());
            add.add(Kind.CONFIG_MAP, from.path("configMapKeyRef").path("name").asText());
        }
    }

    private static void volume(JsonNode volume, String podName, References add) {
        add.add(Kind.SECRET, volume.path("secret").path("secretName").asText());
        add.add(Kind.CONFIG_MAP, volume.path("configMap").path("name").asText());
        add.add(Kind.SECRET, volume.path("azureFile").path("secretName").asText());
        add.add(
                Kind.SECRET,
                volume.path("csi").path("nodePublishSecretRef").path("name").asText());
        for (String driver : SECRET_REF_DRIVERS) {
            add.add(
                    Kind.SECRET,
                    volume.path(driver).path("secretRef").path("name").asText());
        }
        for (JsonNode source : volume.path("projected").path("sources")) {
            add.add(Kind.SECRET, source.path("secret").path("name").asText());
            add.add(Kind.CONFIG_MAP, source.path("configMap").path("name").asText());
        }
        add.add(
                Kind.VOLUME_CLAIM,
                volume.path("persistentVolumeClaim").path("claimName").asText());
        if (volume.hasNonNull("ephemeral")) {
            add.add(Kind.VOLUME_CLAIM, podName + "-" + volume.path("name").asText());
        }
    }

    /** Kinds of volumes whose secret stands under {@code secretRef}. */
    private static final String[] SECRET_REF_DRIVERS = {
        "cephfs", "cinder", "flexVolume", "rbd", "scaleIO", "iscsi", "storageos"
    };

    /** Puts in a persistent volume that is new or changed; one without a claim has nothing to do with any node. */
    public synchronized void putVolume(JsonNode volume) {
        String name = ObjectMeta.name(volume);
        JsonNode claim = volume.path("spec").path("claimRef");
        if (claim.isMissingNode() || claim.isNull()) {
            removeVolume(name);
            return;
        }
        String namespace = claim.path("namespace").asText();
        Set<Ref> secrets = new HashSet<>();
        volumeSecrets(volume.path("spec"), namespace, secrets);
        VolumeEntry old = volumes.put(
                name,
                new VolumeEntry(
                        new Ref(Kind.VOLUME_CLAIM, namespace, claim.path("name").asText()), secrets));
        for (Ref secret : secrets) {
            volumesBySecret
                    .computeIfAbsent(secret, _ -> ConcurrentHashMap.newKeySet())
                    .add(name);
        }
        if (old != null) {
            old.secrets().stream().filter(secret -> !secrets.contains(secret)).forEach(secret -> unlink(secret, name));
        }
    }

    public synchronized void removeVolume(String name) {
        VolumeEntry old = volumes.remove(name);
        if (old != null) {
            old.secrets().forEach(secret -> unlink(secret, name));
        }
    }

    private void unlink(Ref secret, String volume) {
        volumesBySecret.computeIfPresent(secret, (_, names) -> {
            names.remove(volume);
            return names.isEmpty() ? null : names;
        });
    }

    /** The secrets of a volume that nodes read, not those for controllers. */
    private static void volumeSecrets(JsonNode spec, String claimNamespace, Set<Ref> secrets) {
        JsonNode azure = spec.path("azureFile");
        secret(azure.path("secretNamespace").asText(), azure.path("secretName").asText(), claimNamespace, secrets);
        for (String driver : SECRET_REF_DRIVERS) {
            JsonNode ref = spec.path(driver).path("secretRef");
            secret(ref.path("namespace").asText(), ref.path("name").asText(), claimNamespace, secrets);
        }
        for (String use : new String[] {"nodePublishSecretRef", "nodeStageSecretRef", "nodeExpandSecretRef"}) {
            JsonNode ref = spec.path("csi").path(use);
            secret(ref.path("namespace").asText(), ref.path("name").asText(), claimNamespace, secrets);
        }
    }

    private static void secret(String namespace, String name, String claimNamespace, Set<Ref> secrets) {
        if (!name.isEmpty()) {
            secrets.add(new Ref(Kind.SECRET, namespace.isEmpty() ? claimNamespace : namespace, name));
        }
    }

    /** Puts in a VolumeAttachment, ResourceSlice or PodCertificateRequest that is new or changed. */
    public void putOwned(Kind kind, JsonNode object) {
        Ref ref = new Ref(kind, ObjectMeta.namespace(object), ObjectMeta.name(object));
        String node = object.path("spec").path("nodeName").asText();
        if (node.isEmpty()) {
            owned.remove(ref);
        } else {
            owned.put(ref, node);
        }
    }

    /**
     * Forgets the pods, volumes, or whatever else was put in, that are not there any more: when events may have been missed,
     * after everything that is there was put in.
     *
     * @param kind POD, VOLUME, or one that belongs to a node
     * @param there whether there is one of this namespace (empty for what belongs to the cluster) and name
     */
    public synchronized void retain(Kind kind, BiPredicate<String, String> there) {
        switch (kind) {
            case POD ->
                List.copyOf(pods.keySet()).stream()
                        .filter(pod -> !there.test(pod.namespace(), pod.name()))
                        .forEach(this::remove);
            case VOLUME ->
                List.copyOf(volumes.keySet()).stream()
                        .filter(name -> !there.test("", name))
                        .forEach(this::removeVolume);
            default -> owned.keySet().removeIf(ref -> ref.kind() == kind && !there.test(ref.namespace(), ref.name()));
        }
    }

    /** @param namespace empty for what belongs to the cluster */
    public void removeOwned(Kind kind, String namespace, String name) {
        owned.remove(new Ref(kind, namespace, name));
    }
}
