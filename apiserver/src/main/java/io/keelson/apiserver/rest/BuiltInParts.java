package io.keelson.apiserver.rest;

import io.keelson.apiserver.apply.FieldFilter;
import io.keelson.apiserver.apply.FieldSet;
import io.keelson.apiserver.kinds.certificates.CertificateSigningRequestStrategy;
import io.keelson.apiserver.kinds.core.EphemeralContainersStrategy;
import io.keelson.apiserver.kinds.core.NamespaceFinalizeStrategy;
import io.keelson.apiserver.kinds.core.PodResizeStrategy;
import io.keelson.apiserver.resource.GroupResource;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The parts of built-in kinds that are neither the status nor the rest, and yet only parts of the stored object. */
final class BuiltInParts {
    private static final Map<String, Part> PARTS = Map.of(
            "pods/ephemeralcontainers",
            new Part(
                    new EphemeralContainersStrategy(),
                    false,
                    FieldFilter.onlyBelow(List.of(List.of("spec", "ephemeralContainers")))),
            "pods/resize",
            new Part(
                    new PodResizeStrategy(),
                    false,
                    FieldFilter.onlyBelow(List.of(
                            List.of("spec", "resources"),
                            List.of("spec", "containers", FieldFilter.ANY, "resources"),
                            List.of("spec", "containers", FieldFilter.ANY, "resizePolicy"),
                            List.of("spec", "initContainers", FieldFilter.ANY, "resources"),
                            List.of("spec", "initContainers", FieldFilter.ANY, "resizePolicy")))),
            "namespaces/finalize",
            new Part(new NamespaceFinalizeStrategy(), false, FieldFilter.without(FieldSet.of("status"))),
            "certificatesigningrequests.certificates.k8s.io/approval",
            new Part(
                    CertificateSigningRequestStrategy.ofApproval(),
                    true,
                    FieldFilter.without(FieldSet.of("spec").union(FieldSet.of("status", "certificate")))));

    private BuiltInParts() {}

    static @Nullable Part find(GroupResource resource, String subresource) {
        return subresource.isEmpty() ? null : PARTS.get(resource + "/" + subresource);
    }
}
