package io.keelson.controllers.testing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.net.HttpURLConnection;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Notes what clients make that is in no namespace, and removes it when its test has ended: the next test has the same
 * server and must not find nodes, classes or kinds that it knows nothing of. Namespaces stay: each test has its own. Of
 * what is in them Services go, too: who follows all of them would try for ever those whose pods are on nodes that went.
 * What the server is to name is not seen.
 */
final class Leftovers implements Interceptor {
    /** All objects of a kind, or one of them: group, if there is one; version; plural; name, if it is one. */
    private static final Pattern PATH = Pattern.compile("/(?:api|apis/([^/]+))/([^/]+)/([^/]+)(?:/([^/]+))?");

    /** All Services of a namespace, or one of them: namespace; name, if it is one. */
    private static final Pattern SERVICES = Pattern.compile("/api/v1/namespaces/([^/]+)/services(?:/([^/]+))?");

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Set<Made> made = new LinkedHashSet<>();

    /** @param namespace null if it is in none */
    private record Made(
            @Nullable String group,
            String version,
            String plural,
            @Nullable String namespace,
            String name) {
        private Resource<GenericKubernetesResource> in(KubernetesClient client) {
            var all = client.genericKubernetesResources(new ResourceDefinitionContext.Builder()
                    .withGroup(group)
                    .withVersion(version)
                    .withKind(plural)
                    .withPlural(plural)
                    .withNamespaced(namespace != null)
                    .build());
            return namespace == null
                    ? all.withName(name)
                    : all.inNamespace(namespace).withName(name);
        }

        /** Whether the server itself ends what it has begun: of a kind it deletes the objects first. */
        private boolean isDefinition() {
            return plural.equals("customresourcedefinitions");
        }
    }

    @Override
    public void after(HttpRequest request, HttpResponse<?> response, AsyncBody.Consumer<List<ByteBuffer>> consumer) {
        if (response.code() != HttpURLConnection.HTTP_CREATED) {
            return;
        }
        String requested = request.uri().getPath();
        Matcher service = SERVICES.matcher(requested);
        if (service.matches()) {
            note(null, "v1", "services", service.group(1), service.group(2), request);
            return;
        }
        Matcher path = PATH.matcher(requested);
        if (path.matches() && !path.group(3).equals("namespaces")) {
            note(path.group(1), path.group(2), path.group(3), null, path.group(4), request);
        }
    }

    private void note(
            @Nullable String group,
            String version,
            String plural,
            @Nullable String namespace,
            @Nullable String named,
            HttpRequest request) {
        String name = named == null ? nameIn(request.bodyString()) : named;
        if (!name.isEmpty()) {
            synchronized (made) {
                made.add(new Made(group, version, plural, namespace, name));
            }
        }
    }

    /** Reviews, which are answered and not kept, have no name. */
    private static String nameIn(@Nullable String body) {
        try {
            return body == null
                    ? ""
                    : JSON.readTree(body).path("metadata").path("name").asText();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the server has taken what is no JSON", e);
        }
    }

    /** Removes all of it, the last first, whoever holds it: nobody is there any more who would let go. */
    void remove(KubernetesClient client) throws InterruptedException {
        List<Made> all;
        synchronized (made) {
            all = new ArrayList<>(made);
            made.clear();
        }
        for (Made each : all.reversed()) {
            Resource<GenericKubernetesResource> object = each.in(client);
            object.withGracePeriod(0).delete();
            TestCluster.await(each + " is removed", () -> isGone(object, each.isDefinition()));
        }
    }

    private static boolean isGone(Resource<GenericKubernetesResource> object, boolean isDefinition) {
        GenericKubernetesResource now = object.get();
        if (now == null) {
            return true;
        }
        if (!isDefinition && !now.getMetadata().getFinalizers().isEmpty()) {
            try {
                object.patch(PatchContext.of(PatchType.JSON_MERGE), "{\"metadata\":{\"finalizers\":null}}");
            } catch (KubernetesClientException e) {
                if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
                    throw e;
                }
            }
            return object.get() == null;
        }
        return false;
    }
}
