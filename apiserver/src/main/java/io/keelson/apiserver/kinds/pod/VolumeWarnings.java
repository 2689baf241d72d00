package io.keelson.apiserver.kinds.pod;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.object.GoText;
import io.keelson.apiserver.object.ObjectMeta;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What is allowed in volumes and claims and hardly meant. */
public final class VolumeWarnings {
    private static final String OLD_CLASS = "volume.beta.kubernetes.io/storage-class";
    private static final String OLD_OPTIONS = "volume.beta.kubernetes.io/mount-options";
    private static final String STORAGE = "storage";

    /** Kinds of volumes that nobody makes any more, in the order in which they are told of. */
    private static final Map<String, String> OF_PODS = new LinkedHashMap<>();

    private static final Map<String, String> PERSISTENT = new LinkedHashMap<>();

    static {
        OF_PODS.put("photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+");
        OF_PODS.put("gitRepo", "deprecated in v1.11");
        OF_PODS.put("scaleIO", "deprecated in v1.16, non-functional in v1.22+");
        OF_PODS.put("flocker", "deprecated in v1.22, non-functional in v1.25+");
        OF_PODS.put("storageos", "deprecated in v1.22, non-functional in v1.25+");
        OF_PODS.put("quobyte", "deprecated in v1.22, non-functional in v1.25+");
        OF_PODS.put("glusterfs", "deprecated in v1.25, non-functional in v1.26+");
        OF_PODS.put("cephfs", "deprecated in v1.28, non-functional in v1.31+");
        OF_PODS.put("rbd", "deprecated in v1.28, non-functional in v1.31+");
        PERSISTENT.putAll(OF_PODS);
        PERSISTENT.remove("gitRepo");
    }

    private VolumeWarnings() {}

    /** Of the volumes of a pod. */
    static void tellOfVolumes(JsonNode volumes, String path, List<String> warnings) {
        Set<String> tokens = new HashSet<>();
        for (int i = 0; i < volumes.size(); i++) {
            JsonNode volume = volumes.path(i);
            String here = path + "[" + i + "]";
            OF_PODS.forEach((kind, what) -> {
                if (volume.hasNonNull(kind)) {
                    warnings.add(here + "." + (kind.equals("storageos") ? "storageOS" : kind) + ": " + what);
                }
            });
            JsonNode template = volume.path("ephemeral").path("volumeClaimTemplate");
            tellOfClaimSpec(template.path("spec"), here + ".ephemeral.volumeClaimTemplate.spec", warnings);
            for (JsonNode source : volume.path("projected").path("sources")) {
                String token = source.path("serviceAccountToken").path("path").asText("");
                if (!token.isEmpty()) {
                    tokens.add(token);
                }
            }
        }
        for (int i = 0; i < volumes.size() && !tokens.isEmpty(); i++) {
            String sources = path + "[" + i + "].projected.sources";
            for (JsonNode source : volumes.path(i).path("projected").path("sources")) {
                tellOfHidden(tokens, source.path("configMap"), sources + ".configMap", warnings);
                tellOfHidden(tokens, source.path("secret"), sources + ".secrets", warnings);
                tellOfHidden(tokens, source.path("downwardAPI"), sources + ".downwardAPI", warnings);
                String bundle = source.path("clusterTrustBundle").path("path").asText("");
                if (tokens.contains(bundle)) {
                    warnings.add(hidden(sources + ".ClusterTrustBundle", bundle));
                }
            }
        }
    }

    private static void tellOfHidden(Set<String> tokens, JsonNode source, String path, List<String> warnings) {
        JsonNode items = source.path("items");
        for (int i = 0; i < items.size(); i++) {
            String item = items.path(i).path("path").asText("");
            if (tokens.contains(item)) {
                warnings.add(hidden(path + "[" + i + "]", item));
            }
        }
    }

    private static String hidden(String path, String item) {
        return path + ": has duplicated path with ServiceAccountToken " + GoText.quoted(item);
    }

    /** Of a claim. */
    public static void tellOfClaim(JsonNode claim, List<String> warnings) {
        tellOfOldClass(claim, warnings);
        tellOfClaimSpec(claim.path("spec"), "spec", warnings);
    }

    /** Of what a claim, or a template of claims, asks for. */
    public static void tellOfClaimSpec(JsonNode spec, String path, List<String> warnings) {
        AmountWarnings.tellOfFractions(
                spec.path("resources").path("requests"), STORAGE, path + ".resources.requests", warnings);
        AmountWarnings.tellOfFractions(
                spec.path("resources").path("limits"), STORAGE, path + ".resources.limits", warnings);
    }

    private static void tellOfOldClass(JsonNode object, List<String> warnings) {
        if (ObjectMeta.annotation(object, OLD_CLASS) != null) {
            warnings.add("metadata.annotations[" + OLD_CLASS
                    + "]: deprecated since v1.8; use \"storageClassName\" attribute instead");
        }
    }

    /** Of a persistent volume. */
    public static void tellOfPersistentVolume(JsonNode volume, List<String> warnings) {
        JsonNode spec = volume.path("spec");
        tellOfOldClass(volume, warnings);
        if (ObjectMeta.annotation(volume, OLD_OPTIONS) != null) {
            warnings.add("metadata.annotations[" + OLD_OPTIONS
                    + "]: deprecated since v1.31; use \"mountOptions\" attribute instead");
        }
        if (spec.path("persistentVolumeReclaimPolicy").asText("").equals("Recycle")) {
            warnings.add("spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the"
                    + " recommended approach is to use dynamic provisioning.");
        }
        JsonNode terms = spec.path("nodeAffinity").path("required").path("nodeSelectorTerms");
        for (int i = 0; i < terms.size(); i++) {
            OldNodeLabels.tellOfExpressions(
                    terms.path(i).path("matchExpressions"),
                    "spec.nodeAffinity.required.nodeSelectorTerms[" + i + "].matchExpressions",
                    warnings);
        }
        AmountWarnings.tellOfFractions(spec.path("capacity"), STORAGE, "spec.capacity", warnings);
        PERSISTENT.forEach((kind, what) -> {
            if (spec.hasNonNull(kind)) {
                warnings.add("spec." + (kind.equals("storageos") ? "storageOS" : kind) + ": " + what);
            }
        });
    }
}
