package io.keelson.apiserver.rest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.Reason;
import io.keelson.apiserver.kinds.common.Fill;
import io.keelson.apiserver.kinds.core.BindingStrategy;
import io.keelson.apiserver.object.GoText;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.resource.GroupResource;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.resource.ResourceRegistry;
import io.keelson.apiserver.resource.ServedVersion;
import io.keelson.apiserver.validation.FieldError;
import io.keelson.apiserver.validation.FieldErrors;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Puts a pod on a node, once: {@code pods/binding}, and {@code bindings}, where the pod is the one of the binding's name.
 * What the binding has of labels and annotations goes to the pod; its UID and resource version say which pod is meant.
 */
final class BindingHandler implements ResourceHandler.SubresourceHandler {
    static final GroupResource PODS = new GroupResource("", "pods");

    private static final GroupResource BINDINGS = new GroupResource("", "pods/binding");
    private static final PostedKind BINDING = PostedKind.of("", "v1", "Binding");
    private static final BindingStrategy RULES = new BindingStrategy();

    private final ResourceRegistry registry;
    private final Update update;
    private final Postings postings;
    private final Answers answers;

    BindingHandler(ResourceRegistry registry, Backend backend, Postings postings, Answers answers) {
        this.registry = registry;
        this.update = new Update(backend.withoutAdmission(), ContentCheck.NONE);
        this.postings = postings;
        this.answers = answers;
    }

    @Override
    public ApiResponse handle(ApiRequest request, Resource resource, ServedVersion version)
            throws InterruptedException {
        Verbs.require(request, resource, "create");
        String inPath = request.info().name();
        Postings.Posted posted = postings.take(request, resource, version, BINDING, binding -> judge(inPath, binding));
        ObjectNode binding = posted.object();
        Resource pods = registry.current().find(PODS);
        if (pods == null) {
            throw ApiException.noSuchResource();
        }
        Write write = posted.write().of(pods).at(posted.write().namespace(), ObjectMeta.name(binding));
        Preconditions meant =
                new Preconditions(orNull(ObjectMeta.uid(binding)), orNull(ObjectMeta.resourceVersion(binding)));
        if (update.update(write, Part.UNRULED, meant, old -> bound(write, old, binding)) == null) {
            throw ApiException.notFound(PODS, write.name());
        }
        return answers.plain(request, 201, Postings.success(201));
    }

    private static @Nullable String orNull(String text) {
        return text.isEmpty() ? null : text;
    }

    private static void judge(String inPath, ObjectNode binding) {
        if (!inPath.isEmpty() && !inPath.equals(ObjectMeta.name(binding))) {
            throw ApiException.badRequest("name in URL does not match name in Binding object");
        }
        FieldErrors errors = new FieldErrors();
        RULES.validate(binding, errors);
        if (errors.isEmpty()) {
            return;
        }
        String all = errors.count() == 1
                ? errors.list().getFirst().toString()
                : errors.list().stream().map(FieldError::toString).collect(Collectors.joining(", ", "[", "]"));
        // Not Invalid, as one would think: clients of the original know it like this.
        throw ApiException.of(Reason.UNKNOWN, all);
    }

    private ObjectNode bound(Write write, ObjectNode old, ObjectNode binding) {
        String name = ObjectMeta.name(old);
        String node = old.path("spec").path("nodeName").asText("");
        if (ObjectMeta.isBeingDeleted(old)) {
            throw conflict(name, "pod " + name + " is being deleted, cannot be assigned to a host");
        }
        if (!node.isEmpty()) {
            throw conflict(name, "pod " + name + " is already assigned to node " + GoText.quoted(node));
        }
        if (!old.path("spec").path("schedulingGates").isEmpty()) {
            throw conflict(name, "pod " + name + " has non-empty .spec.schedulingGates");
        }
        ObjectNode pod = old.deepCopy();
        Fill.object(pod, "spec")
                .put("nodeName", binding.path("target").path("name").asText());
        Fill.object(pod, "status").remove("nominatedNodeName");
        ObjectMeta.setAnnotations(pod, merged(ObjectMeta.annotations(old), ObjectMeta.annotations(binding)));
        ObjectMeta.setLabels(pod, merged(ObjectMeta.labels(old), ObjectMeta.labels(binding)));
        PodConditions.put(pod, "PodScheduled", "", "", write.now());
        ObjectMeta.setResourceVersion(pod, "");
        return pod;
    }

    private static ApiException conflict(String pod, String why) {
        return ApiException.conflict(BINDINGS, pod, why);
    }

    private static Map<String, String> merged(Map<String, String> present, Map<String, String> more) {
        Map<String, String> all = new HashMap<>(present);
        all.putAll(more);
        return all;
    }
}
