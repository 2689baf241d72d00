package io.keelson.apiserver.kinds.pod;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.Fill;
import java.util.List;

/** What is meant where a volume does not say it. */
public final class VolumeDefaults {
    /** rw-r--r--, in decimal. */
    private static final int FILE_MODE = 420;

    private VolumeDefaults() {}

    static void volume(ObjectNode volume) {
        if (volume.size() <= 1 && (volume.isEmpty() || volume.has("name"))) {
            volume.putObject("emptyDir");
        }
        for (String files : List.of("secret", "configMap", "downwardAPI", "projected")) {
            if (volume.path(files) instanceof ObjectNode source) {
                Fill.number(source, "defaultMode", FILE_MODE);
                source.path("items").forEach(item -> PodDefaults.fieldReference(item.path("fieldRef")));
            }
        }
        volume.path("projected").path("sources").forEach(VolumeDefaults::projection);
        source(volume);
        if (volume.path("image") instanceof ObjectNode image) {
            Fill.text(
                    image,
                    "pullPolicy",
                    PodDefaults.pullPolicy(image.path("reference").asText("")));
        }
        JsonNode claim = volume.path("ephemeral").path("volumeClaimTemplate");
        if (claim instanceof ObjectNode template) {
            claimSpec(Fill.object(template, "spec"));
        }
    }

    /** Of sources that pods and persistent volumes have in common. */
    public static void source(ObjectNode volume) {
        if (volume.path("hostPath") instanceof ObjectNode source && !source.hasNonNull("type")) {
            source.put("type", "");
        }
        if (volume.path("iscsi") instanceof ObjectNode source) {
            Fill.text(source, "iscsiInterface", "default");
        }
        if (volume.path("rbd") instanceof ObjectNode source) {
            Fill.text(source, "pool", "rbd");
            Fill.text(source, "user", "admin");
            Fill.text(source, "keyring", "/etc/ceph/keyring");
        }
        if (volume.path("azureDisk") instanceof ObjectNode source) {
            Fill.text(source, "cachingMode", "ReadWrite");
            Fill.text(source, "kind", "Shared");
            Fill.text(source, "fsType", "ext4");
            Fill.flag(source, "readOnly", false);
        }
        if (volume.path("scaleIO") instanceof ObjectNode source) {
            Fill.text(source, "storageMode", "ThinProvisioned");
            Fill.text(source, "fsType", "xfs");
        }
    }

    /** Of the specification of a claim. */
    public static void claimSpec(ObjectNode spec) {
        Fill.text(spec, "volumeMode", "Filesystem");
        ResourceDefaults.canonical(spec.path("resources").path("requests"));
        ResourceDefaults.canonical(spec.path("resources").path("limits"));
    }

    private static void projection(JsonNode projection) {
        if (projection.path("serviceAccountToken") instanceof ObjectNode token) {
            Fill.number(token, "expirationSeconds", 3_600);
        }
        projection.path("downwardAPI").path("items").forEach(item -> PodDefaults.fieldReference(item.path("fieldRef")));
    }
}
