package io.keelson.apiserver.kinds.pod;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.validation.Place;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** What is wrong with how a container uses the volumes of its pod. */
final class MountRules {
    private MountRules() {}

    static void mounts(Place container, PodContext pod) {
        Map<String, String> devices = paths(container.at("volumeDevices"), "devicePath");
        Set<String> points = new HashSet<>();
        for (Place mount : container.at("volumeMounts").items()) {
            Place name = mount.at("name");
            name.mustBeFilled();
            JsonNode volume = pod.volumes().get(name.text());
            if (volume == null) {
                name.notFound();
            }
            Place path = mount.at("mountPath");
            path.mustBeFilled();
            if (!points.add(path.text())) {
                path.invalid("must be unique");
            }
            if (devices.containsKey(name.text())) {
                name.invalid("must not already exist in volumeDevices");
            }
            if (devices.containsValue(path.text())) {
                path.invalid("must not already exist as a path in volumeDevices");
            }
            subPaths(container, mount, volume != null && volume.path("image").isObject());
            propagation(container, mount);
            recursiveReadOnly(container, mount);
        }
    }

    private static void subPaths(Place container, Place mount, boolean image) {
        Place mounts = container.at("volumeMounts");
        for (String field : new String[] {"subPath", "subPathExpr"}) {
            Place path = mount.at(field);
            if (path.filled()) {
                if (field.equals("subPathExpr") && mount.at("subPath").filled()) {
                    path.invalid("subPathExpr and subPath are mutually exclusive");
                }
                PathRules.descending(path.as(mounts.path().child(field)));
                if (image && PathRules.hasBacksteps(path.text())) {
                    path.invalid("not allowed in image volume sources");
                }
            }
        }
    }

    private static void propagation(Place container, Place mount) {
        Place propagation = mount.at("mountPropagation")
                .as(container.at("volumeMounts").path().child("mountPropagation"));
        propagation.oneOfIfPresent("Bidirectional", "HostToContainer", "None");
        if (propagation.is("Bidirectional")
                && !container.at("securityContext", "privileged").flag()) {
            propagation.forbidden("Bidirectional mount propagation is available only to privileged containers");
        }
    }

    private static void recursiveReadOnly(Place container, Place mount) {
        Place recursive = mount.at("recursiveReadOnly")
                .as(container.at("volumeMounts").path().child("recursiveReadOnly"));
        switch (recursive.text()) {
            case "", "Disabled" -> {}
            case "Enabled", "IfPossible" -> {
                if (!mount.at("readOnly").flag()) {
                    recursive.forbidden("may only be specified when readOnly is true");
                }
                Place propagation = mount.at("mountPropagation");
                if (propagation.present() && !propagation.is("None")) {
                    recursive.forbidden("may only be specified when mountPropagation is None or not specified");
                }
            }
            default -> recursive.notSupported("Disabled", "IfPossible", "Enabled");
        }
    }

    static void devices(Place container, PodContext pod) {
        Map<String, String> mounts = paths(container.at("volumeMounts"), "mountPath");
        Set<String> names = new HashSet<>();
        Set<String> paths = new HashSet<>();
        for (Place device : container.at("volumeDevices").items()) {
            Place name = device.at("name");
            Place path = device.at("devicePath");
            name.mustBeFilled();
            if (!names.add(name.text())) {
                name.invalid("must be unique");
            }
            JsonNode volume = pod.volumes().get(name.text());
            if (volume == null) {
                name.notFound();
            } else if (!volume.path("persistentVolumeClaim").isObject()
                    && !volume.path("ephemeral").isObject()) {
                name.invalid("can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode");
            }
            path.mustBeFilled();
            if (paths.contains(path.text())) {
                path.invalid("must be unique");
            }
            if (PathRules.hasBacksteps(path.text())) {
                path.invalid("can not contain backsteps ('..')");
            } else {
                paths.add(path.text());
            }
            if (mounts.containsKey(name.text())) {
                name.invalid("must not already exist in volumeMounts");
            }
            if (mounts.containsValue(path.text())) {
                path.invalid("must not already exist as a path in volumeMounts");
            }
        }
    }

    private static Map<String, String> paths(Place list, String field) {
        Map<String, String> paths = new HashMap<>();
        for (Place element : list.items()) {
            paths.put(element.at("name").text(), element.at(field).text());
        }
        return paths;
    }
}
