package io.keelson.apiserver.admission.quota;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.certs.ConfigShape;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.resource.GroupResource;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What may be used only where a quota covers it, as a {@code ResourceQuotaConfiguration} says: nothing of it is allowed in a
 * namespace without such a quota.
 *
 * @param resource of the objects that use it
 * @param matchContains parts of names as quotas have them, {@code storage} for example
 * @param scopes objects in one of these need a quota for it
 */
public record LimitedResource(GroupResource resource, List<String> matchContains, List<QuotaScope> scopes) {
    private static final Set<String> GROUPS = Set.of("apiserver.config.k8s.io", "resourcequota.admission.k8s.io");
    private static final Set<String> VERSIONS = Set.of("v1", "v1beta1", "v1alpha1");
    private static final ConfigShape.Fields SHAPE = ConfigShape.document()
            .list(
                    "limitedResources",
                    ConfigShape.object()
                            .texts("apiGroup", "resource")
                            .lists("matchContains")
                            .list(
                                    "matchScopes",
                                    ConfigShape.object()
                                            .texts("scopeName", "operator")
                                            .lists("values")));

    public LimitedResource {
        matchContains = List.copyOf(matchContains);
        scopes = List.copyOf(scopes);
    }

    /**
     * Reads a configuration.
     *
     * @throws IOException saying what is wrong with it
     */
    public static List<LimitedResource> parse(ObjectNode configuration) throws IOException {
        String apiVersion = ObjectMeta.apiVersion(configuration);
        int slash = Math.max(0, apiVersion.indexOf('/'));
        if (!GROUPS.contains(apiVersion.substring(0, slash))
                || !VERSIONS.contains(apiVersion.substring(Math.min(slash + 1, apiVersion.length())))
                || !Set.of("ResourceQuotaConfiguration", "Configuration").contains(ObjectMeta.kind(configuration))) {
            throw new IOException("not a ResourceQuotaConfiguration of apiserver.config.k8s.io/v1");
        }
        SHAPE.require(configuration);
        List<LimitedResource> limited = new ArrayList<>();
        for (JsonNode entry : configuration.path("limitedResources")) {
            String path = "limitedResources[" + limited.size() + "]";
            String resource = entry.path("resource").asText("");
            if (resource.isEmpty()) {
                throw new IOException(path + ".resource: Required value");
            }
            List<String> parts = new ArrayList<>();
            entry.path("matchContains").forEach(part -> parts.add(part.asText("")));
            limited.add(new LimitedResource(
                    new GroupResource(entry.path("apiGroup").asText(""), resource),
                    parts,
                    QuotaScope.ofExpressions(entry.path("matchScopes"))));
        }
        return List.copyOf(limited);
    }
}
