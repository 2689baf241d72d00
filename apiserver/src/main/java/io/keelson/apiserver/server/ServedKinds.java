package io.keelson.apiserver.server;

import io.keelson.apiserver.features.FeatureGates;
import io.keelson.apiserver.features.ServedVersions;
import io.keelson.apiserver.kinds.BuiltInKinds;
import io.keelson.apiserver.kinds.OnDemandKind;
import io.keelson.apiserver.resource.Resource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What is served.
 *
 * @param resources all that the server has
 * @param versions which of them clients may have
 * @param features those on demand that are on
 */
record ServedKinds(List<Resource> resources, ServedVersions versions, Set<String> features) {
    /** What is served by default, and of the rest what both a feature gate and {@code --runtime-config} ask for. */
    static ServedKinds of(ApiSettings api) {
        FeatureGates gates = api.features();
        List<Resource> usual = BuiltInKinds.resources();
        List<OnDemandKind> onDemand = BuiltInKinds.onDemand();
        List<Resource> rest = onDemand.stream().map(OnDemandKind::resource).toList();
        ServedVersions versions = api.runtime().over(usual, rest);
        List<Resource> asked = onDemand.stream()
                .filter(kind -> gates.isOn(kind.feature()))
                .map(OnDemandKind::resource)
                .filter(resource -> resource.versions().stream()
                        .anyMatch(version -> versions.serves(resource.name(), version.version())))
                .toList();
        List<Resource> all = new ArrayList<>(usual);
        all.addAll(asked);
        return new ServedKinds(
                all,
                versions.without(rest.stream()
                        .filter(resource -> !asked.contains(resource))
                        .toList()),
                gates.on(onDemand.stream().map(OnDemandKind::feature).toList()));
    }
}
