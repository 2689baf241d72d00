package io.keelson.apiserver.admission.policy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.KindLookup;
import io.keelson.apiserver.admission.conditions.ConfigurationException;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.LabelSelector;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.resource.GroupVersionKind;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.resource.Verb;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds the objects that policies have as parameters, in the caches, in the version that the policy names. */
final class Params {
    private final KindLookup objects;

    Params(KindLookup objects) {
        this.objects = objects;
    }

    /**
     * What is served of the kind.
     *
     * @throws ConfigurationException if nothing is
     */
    Resource resource(ParamKind kind) throws ConfigurationException {
        Resource found = null;
        try {
            found = objects.find(kind.versioned());
        } catch (ApiException e) {
            // It is no kind that anybody could serve.
        }
        if (found == null || !found.verbs().contains(Verb.WATCH)) {
            throw new ConfigurationException("failed to find resource referenced by paramKind: '" + kind + "'");
        }
        return found;
    }

    /**
     * The parameters with which a policy is evaluated, each by itself.
     *
     * @param kind null if the policy has no parameters
     * @param reference null if the binding gives none
     * @param namespace of the request; empty if it is in none
     * @return one empty value if the policy is evaluated without; nothing at all if it is not evaluated because there are none
     * @throws ConfigurationException if kind and reference do not fit, or there are none and there have to be
     */
    List<Optional<ObjectNode>> find(@Nullable ParamKind kind, @Nullable ParamRef reference, String namespace)
            throws ConfigurationException, InterruptedException {
        if (kind == null || reference == null) {
            return List.of(Optional.empty());
        }
        Resource resource = resource(kind);
        String in = namespace(resource, reference, namespace);
        List<Optional<ObjectNode>> found = new ArrayList<>();
        for (ObjectNode param : chosen(resource, reference, in)) {
            found.add(Optional.of(shown(resource, kind, param)));
        }
        if (found.isEmpty() && reference.required()) {
            throw new ConfigurationException("no params found for policy binding with `Deny` parameterNotFoundAction");
        }
        return found;
    }

    private static String namespace(Resource resource, ParamRef reference, String namespace)
            throws ConfigurationException {
        if (!resource.namespaced()) {
            if (!reference.namespace().isEmpty()) {
                throw new ConfigurationException(
                        "paramRef.namespace must not be provided for a cluster-scoped `paramKind`");
            }
            return "";
        }
        String in = reference.namespace().isEmpty() ? namespace : reference.namespace();
        if (in.isEmpty()) {
            throw new ConfigurationException(
                    "cannot use namespaced paramRef in policy binding that matches cluster-scoped resources");
        }
        return in;
    }

    private List<ObjectNode> chosen(Resource resource, ParamRef reference, String namespace)
            throws ConfigurationException, InterruptedException {
        LabelSelector selector = reference.selector();
        if (!reference.name().isEmpty()) {
            if (selector != null) {
                throw new ConfigurationException("paramRef.name and paramRef.selector are mutually exclusive");
            }
            ObjectNode named = objects.recent(resource, namespace, reference.name());
            return named == null ? List.of() : List.of(named);
        }
        if (selector == null) {
            throw new ConfigurationException("one of name or selector must be provided");
        }
        return objects.all(resource, namespace).stream()
                .filter(object -> selector.matches(ObjectMeta.labels(object)))
                .toList();
    }

    private static ObjectNode shown(Resource resource, ParamKind kind, ObjectNode param) throws ConfigurationException {
        GroupVersionKind versioned = kind.versioned();
        ObjectNode shown;
        if (versioned.version().equals(resource.workedOnIn())) {
            shown = param.objectNode();
            shown.setAll(param);
        } else {
            try {
                shown = resource.conversion().convert(param.deepCopy(), resource.workedOnIn(), versioned.version());
            } catch (ApiException e) {
                throw new ConfigurationException(e.message());
            }
        }
        ObjectMeta.setApiVersion(shown, kind.apiVersion());
        ObjectMeta.setKind(shown, kind.kind());
        return shown;
    }
}
