package io.keelson.apiserver.kinds.pod;

import io.keelson.apiserver.kinds.common.ObjectRules;
import io.keelson.apiserver.object.Quantity;
import io.keelson.apiserver.validation.FieldPath;
import io.keelson.apiserver.validation.LabelValidation;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;

/** What is wrong with a claim for a volume, wherever it stands: by itself, in a pod, in a stateful set. */
public final class ClaimRules {
    private ClaimRules() {}

    public static void spec(Place spec) {
        if (spec.at("accessModes").size() == 0) {
            spec.at("accessModes").required("at least 1 access mode is required");
        }
        LabelValidation.selector(spec.at("selector"));
        accessModes(spec.at("accessModes"));
        FieldPath storagePath = spec.at("resources").path().key("storage");
        Place storage = spec.at("resources", "requests", "storage").as(storagePath);
        if (storage.absent()) {
            storage.required("");
        } else {
            Quantity size = ObjectRules.quantity(storage);
            if (size != null && size.signum() <= 0) {
                storage.invalid(size.toString(), "must be greater than zero");
            }
        }
        spec.at("storageClassName").checkIfFilled(Names::dnsSubdomain);
        spec.at("volumeMode").oneOfIfPresent("Block", "Filesystem");
        source(spec.at("dataSource"));
        source(spec.at("dataSourceRef"));
        Place reference = spec.at("dataSourceRef");
        reference.at("namespace").checkIfFilled(Names::dnsLabel);
        if (spec.at("dataSource").present() && reference.present()) {
            if (reference.at("namespace").filled()) {
                spec.invalid(
                        spec.at("dataSource").path().toString(),
                        "may not be specified when dataSourceRef.namespace is specified");
            } else if (!sameSource(spec.at("dataSource"), reference)) {
                spec.invalid(spec.at("dataSource").path().toString(), "must match dataSourceRef");
            }
        }
        spec.at("volumeAttributesClassName").checkIfFilled(Names::dnsSubdomain);
    }

    /** Ways to mount a volume; the one for a single pod excludes all others. */
    public static void accessModes(Place modes) {
        boolean single = false;
        boolean others = false;
        for (Place mode : modes.items()) {
            switch (mode.text()) {
                case "ReadWriteOncePod" -> single = true;
                case "ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany" -> others = true;
                default ->
                    mode.as(modes.path())
                            .notSupported("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod");
            }
        }
        if (single && others) {
            modes.forbidden("may not use ReadWriteOncePod with other access modes");
        }
    }

    private static void source(Place source) {
        if (source.absent()) {
            return;
        }
        source.at("name").mustBeFilled();
        source.at("kind").mustBeFilled();
        if (source.at("apiGroup").empty()) {
            if (!source.at("kind").is("PersistentVolumeClaim")) {
                source.invalid(
                        source.at("kind").text(),
                        "must be 'PersistentVolumeClaim' when referencing the default apiGroup");
            }
        } else {
            source.at("apiGroup").check(Names::dnsSubdomain);
        }
    }

    private static boolean sameSource(Place one, Place other) {
        return one.at("apiGroup").is(other.at("apiGroup").text())
                && one.at("kind").is(other.at("kind").text())
                && one.at("name").is(other.at("name").text());
    }
}
