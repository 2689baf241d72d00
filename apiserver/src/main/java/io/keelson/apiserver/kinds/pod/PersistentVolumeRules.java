package io.keelson.apiserver.kinds.pod;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.ObjectRules;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import java.util.List;

/** What is wrong with the specification of a persistent volume, by itself or within an attachment. */
public final class PersistentVolumeRules {
    private static final List<String> SOURCES = List.of(
            "hostPath",
            "gcePersistentDisk",
            "awsElasticBlockStore",
            "glusterfs",
            "flocker",
            "nfs",
            "rbd",
            "quobyte",
            "cephfs",
            "iscsi",
            "cinder",
            "fc",
            "flexVolume",
            "azureFile",
            "vsphereVolume",
            "photonPersistentDisk",
            "portworxVolume",
            "azureDisk",
            "scaleIO",
            "local",
            "storageos",
            "csi");

    private PersistentVolumeRules() {}

    /** Copies what says where the volume is. */
    public static ObjectNode sourceOf(JsonNode spec) {
        ObjectNode source = JsonNodeFactory.instance.objectNode();
        for (String type : SOURCES) {
            if (spec.hasNonNull(type)) {
                source.set(type, spec.get(type).deepCopy());
            }
        }
        return source;
    }

    public static void spec(Place spec, String name) {
        if (spec.at("accessModes").size() == 0) {
            spec.at("accessModes").required("");
        }
        ClaimRules.accessModes(spec.at("accessModes"));
        Place capacity = spec.at("capacity");
        if (capacity.size() == 0) {
            capacity.required("");
        }
        if (capacity.at("storage").absent() || capacity.size() > 1) {
            capacity.notSupported("storage");
        }
        capacity.entries().forEach(ObjectRules::positiveQuantity);
        Place reclaim = spec.at("persistentVolumeReclaimPolicy");
        if (reclaim.filled()) {
            reclaim.oneOf("Delete", "Recycle", "Retain");
        }
        nodeAffinity(spec.at("nodeAffinity"));
        sources(spec, name);
        String path = spec.at("hostPath", "path").text();
        if (!path.isEmpty() && path.replace("/", "").isEmpty() && reclaim.is("Recycle")) {
            reclaim.forbidden("may not be 'recycle' for a hostPath mount of '/'");
        }
        common(spec);
    }

    /** Within an attachment: without everything that has to do with claiming it. */
    public static void inlineSpec(Place spec) {
        String nowhere = "may not be specified in the context of inline volumes";
        spec.at("claimRef").mustBeAbsent(nowhere);
        if (spec.at("capacity").size() > 0) {
            spec.at("capacity").forbidden(nowhere);
        }
        if (spec.at("csi").absent()) {
            spec.at("csi").required("has to be specified in the context of inline volumes");
        }
        if (spec.at("accessModes").size() == 0) {
            spec.at("accessModes").required("");
        }
        ClaimRules.accessModes(spec.at("accessModes"));
        Place reclaim = spec.at("persistentVolumeReclaimPolicy");
        if (reclaim.filled() && !reclaim.is("Retain")) {
            reclaim.forbidden("may only be Retain in the context of inline volumes");
        }
        spec.at("nodeAffinity").mustBeAbsent(nowhere);
        sources(spec, "");
        if (spec.at("storageClassName").filled()) {
            spec.at("storageClassName").forbidden(nowhere);
        }
        if (spec.at("volumeMode").filled() && !spec.at("volumeMode").is("Filesystem")) {
            spec.at("volumeMode")
                    .forbidden("may not specify volumeMode other than Filesystem in the context of inline volumes");
        }
    }

    private static void nodeAffinity(Place affinity) {
        if (affinity.absent()) {
            return;
        }
        if (affinity.at("required").absent()) {
            affinity.at("required").required("must specify required node constraints");
        } else {
            AffinityRules.nodeSelector(affinity.at("required"));
        }
    }

    private static void sources(Place spec, String name) {
        boolean found = false;
        for (String type : SOURCES) {
            Place source = spec.at(type);
            if (source.absent()) {
                continue;
            }
            if (found) {
                source.forbidden("may not specify more than 1 volume type");
                continue;
            }
            found = true;
            VolumeSourceRules.source(type, source, name, true);
            if (type.equals("local") && spec.at("nodeAffinity").absent()) {
                spec.at("nodeAffinity").required("Local volume requires node affinity");
            }
        }
        if (!found) {
            spec.required("must specify a volume type");
        }
    }

    private static void common(Place spec) {
        spec.at("storageClassName").checkIfFilled(Names::dnsSubdomain);
        spec.at("volumeMode").oneOfIfPresent("Block", "Filesystem");
        Place attributes = spec.at("volumeAttributesClassName");
        if (attributes.present()) {
            if (attributes.empty()) {
                attributes.required("an empty string is disallowed");
            } else {
                attributes.check(Names::dnsSubdomain);
            }
            if (spec.at("csi").absent()) {
                spec.at("csi").required("has to be specified when using volumeAttributesClassName");
            }
        }
    }
}
