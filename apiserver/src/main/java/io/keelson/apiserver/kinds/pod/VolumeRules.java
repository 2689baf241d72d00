package io.keelson.apiserver.kinds.pod;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.kinds.common.ObjectRules;
import io.keelson.apiserver.object.Quantity;
import io.keelson.apiserver.validation.LabelValidation;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What is wrong with the volumes of a pod. */
final class VolumeRules {
    private static final List<String> FILE_FIELDS =
            List.of("metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid");
    private static final String FILE_MODE_WRONG = "must be a number between 0 and 0777 (octal), both inclusive";
    private static final int FILE_MODE_MAX = 511;
    private static final List<String> SOURCES = List.of(
            "emptyDir",
            "hostPath",
            "gitRepo",
            "gcePersistentDisk",
            "awsElasticBlockStore",
            "secret",
            "nfs",
            "iscsi",
            "glusterfs",
            "flocker",
            "persistentVolumeClaim",
            "rbd",
            "cinder",
            "cephfs",
            "quobyte",
            "downwardAPI",
            "fc",
            "flexVolume",
            "configMap",
            "azureFile",
            "vsphereVolume",
            "photonPersistentDisk",
            "portworxVolume",
            "azureDisk",
            "storageos",
            "projected",
            "scaleIO",
            "csi",
            "ephemeral",
            "image");

    private VolumeRules() {}

    /** Looks over the volumes; those with nothing wrong are returned by name, for containers to refer to. */
    static Map<String, JsonNode> volumes(Place volumes, String podName) {
        Map<String, JsonNode> fine = new HashMap<>();
        Set<String> made = new HashSet<>();
        for (Place volume : volumes.items()) {
            if (!podName.isEmpty() && volume.at("ephemeral").present()) {
                made.add(podName + "-" + volume.at("name").text());
            }
        }
        for (Place volume : volumes.items()) {
            int before = volumes.errors().count();
            source(volume, podName);
            Place name = volume.at("name");
            name.requireAndCheck(Names::dnsLabel);
            if (fine.containsKey(name.text())) {
                name.duplicate();
            }
            if (volumes.errors().count() == before) {
                fine.put(name.text(), volume.value());
            }
            Place claim = volume.at("persistentVolumeClaim", "claimName");
            if (made.contains(claim.text())) {
                claim.invalid("must not reference a PVC that gets created for an ephemeral volume");
            }
        }
        return fine;
    }

    private static void source(Place volume, String podName) {
        boolean found = false;
        for (String type : SOURCES) {
            Place source = volume.at(type);
            if (source.absent()) {
                continue;
            }
            if (found) {
                source.forbidden("may not specify more than 1 volume type");
                continue;
            }
            found = true;
            source(type, source, volume, podName);
        }
        if (!found) {
            volume.required("must specify a volume type");
        }
    }

    private static void source(String type, Place source, Place volume, String podName) {
        switch (type) {
            case "emptyDir" -> {
                Quantity limit = ObjectRules.quantity(source.at("sizeLimit"));
                if (limit != null && limit.signum() < 0) {
                    source.at("sizeLimit").forbidden("SizeLimit field must be a valid resource quantity");
                }
            }
            case "gitRepo" -> {
                source.at("repository").mustBeFilled();
                PathRules.descending(source.at("directory"));
            }
            case "secret" -> files(source, "secretName");
            case "configMap" -> files(source, "name");
            case "persistentVolumeClaim" -> source.at("claimName").mustBeFilled();
            case "downwardAPI" -> {
                mode(source.at("defaultMode"));
                source.at("items").items().forEach(item -> downward(item.as(source.path())));
            }
            case "projected" -> projected(source);
            case "ephemeral" -> ephemeral(source, volume, podName);
            case "image" -> {
                source.at("reference").mustBeFilled();
                source.at("pullPolicy").oneOf("Always", "IfNotPresent", "Never");
            }
            default -> VolumeSourceRules.source(type, source, volume.at("name").text(), false);
        }
    }

    private static void files(Place source, String name) {
        source.at(name).mustBeFilled();
        mode(source.at("defaultMode"));
        source.at("items").items().forEach(VolumeRules::file);
    }

    private static void file(Place file) {
        file.at("key").mustBeFilled();
        file.at("path").mustBeFilled();
        PathRules.descendingNotReserved(file.at("path"));
        mode(file.at("mode"));
    }

    private static void mode(Place mode) {
        if (mode.present() && (mode.number() < 0 || mode.number() > FILE_MODE_MAX)) {
            mode.invalid(FILE_MODE_WRONG);
        }
    }

    private static void downward(Place file) {
        file.at("path").mustBeFilled();
        PathRules.descendingNotReserved(file.at("path"));
        boolean field = file.at("fieldRef").present();
        boolean resource = file.at("resourceFieldRef").present();
        if (field) {
            EnvironmentRules.field(file.at("fieldRef"), FILE_FIELDS);
            if (resource) {
                file.invalid("resource", "fieldRef and resourceFieldRef can not be specified simultaneously");
            }
        } else if (resource) {
            EnvironmentRules.resource(file.at("resourceFieldRef"), true);
        } else {
            file.required("one of fieldRef and resourceFieldRef is required");
        }
        mode(file.at("mode"));
    }

    private static void projected(Place projected) {
        mode(projected.at("defaultMode"));
        Set<String> paths = new HashSet<>();
        for (Place source : projected.at("sources").items()) {
            List<String> kinds = List.of(
                    "secret",
                    "configMap",
                    "downwardAPI",
                    "serviceAccountToken",
                    "clusterTrustBundle",
                    "podCertificate");
            long count =
                    kinds.stream().filter(kind -> source.at(kind).present()).count();
            for (String kind : List.of("secret", "configMap")) {
                Place files = source.at(kind);
                if (files.present()) {
                    files.at("name").mustBeFilled();
                    for (Place file : files.at("items").items()) {
                        file(file);
                        unique(projected, file.at("path"), files.at("name").text(), paths);
                    }
                }
            }
            for (Place file : source.at("downwardAPI", "items").items()) {
                downward(file);
                unique(projected, file.at("path"), "downwardAPI", paths);
            }
            if (source.at("serviceAccountToken").present()) {
                token(source.at("serviceAccountToken"));
                unique(projected, source.at("serviceAccountToken", "path"), "serviceAccountToken", paths);
            }
            if (source.at("clusterTrustBundle").present()) {
                trustBundle(source.at("clusterTrustBundle"));
                unique(projected, source.at("clusterTrustBundle", "path"), "clusterTrustBundle", paths);
            }
            if (count > 1) {
                source.forbidden("may not specify more than 1 volume type per source");
            } else if (count == 0) {
                source.required("must specify a volume type");
            }
        }
    }

    private static void unique(Place projected, Place path, String shown, Set<String> paths) {
        if (path.filled() && !paths.add(path.text())) {
            projected.invalid(shown, "conflicting duplicate paths");
        }
    }

    private static void token(Place token) {
        Place seconds = token.at("expirationSeconds");
        if (seconds.number() < 600) {
            seconds.invalid(seconds.number(), "may not specify a duration less than 10 minutes");
        } else if (seconds.number() > 1L << 32) {
            seconds.invalid(seconds.number(), "may not specify a duration larger than 2^32 seconds");
        }
        Place path = token.at("path");
        if (path.empty()) {
            path.required("");
        } else {
            PathRules.descendingNotReserved(path);
        }
    }

    private static void trustBundle(Place bundle) {
        boolean named = bundle.at("name").present();
        boolean signed = bundle.at("signerName").present();
        if (named == signed) {
            bundle.invalid("exactly one of name or signerName is required");
        }
        if (named) {
            bundle.at("name").requireAndCheck(Names::dnsSubdomain);
            bundle.at("labelSelector").mustBeAbsent("labelSelector may not be set together with name");
        }
        LabelValidation.selector(bundle.at("labelSelector"));
        if (bundle.at("path").empty()) {
            bundle.at("path").required("");
        } else {
            PathRules.descendingNotReserved(bundle.at("path"));
        }
    }

    private static void ephemeral(Place source, Place volume, String podName) {
        Place template = source.at("volumeClaimTemplate");
        if (template.absent()) {
            template.required("");
        } else {
            Place metadata = template.at("metadata");
            LabelValidation.annotations(metadata.at("annotations"));
            LabelValidation.labels(metadata.at("labels"));
            for (String field : metadata.keys()) {
                if (!field.equals("annotations")
                        && !field.equals("labels")
                        && metadata.at(field).filled()) {
                    metadata.at(field).forbidden("cannot be set");
                }
            }
            ClaimRules.spec(template.at("spec"));
        }
        String name = volume.at("name").text();
        if (!podName.isEmpty() && !name.isEmpty()) {
            String claim = podName + "-" + name;
            for (String wrong : Names.dnsSubdomain(claim)) {
                volume.at("name").invalid("PVC name \"" + claim + "\": " + wrong);
            }
        }
    }
}
