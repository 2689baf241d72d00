package io.keelson.apiserver.rest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.GoText;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.FieldValidation;
import io.keelson.apiserver.resource.GroupKind;
import io.keelson.apiserver.resource.GroupVersion;
import io.keelson.apiserver.resource.GroupVersionKind;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.resource.ServedVersion;
import io.keelson.apiserver.schema.BuiltInSchemas;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.FieldPath;
import java.util.ArrayList;
import java.util.List;

/**
 * Brings what a client sends into form: reads it, tells of fields that the kind does not have or that stand there twice,
 * drops those, checks types, and fills in defaults.
 */
final class Incoming {
    /** What a request may carry: 3 MiB, as the API server has it. */
    static final int BYTES_MAX = 3 << 20;

    /** As a kube-apiserver names the list of all the kinds that it knows. */
    private static final String SCHEME = "pkg/api/legacyscheme/scheme.go:30";

    /** Before what is told of keys that stand twice in a configuration that is applied. */
    private static final String REPEATED_KEYS = "error strict decoding YAML: error converting YAML to JSON: ";

    /** Begins a text that tells of several keys, a line each. */
    private static final String SEVERAL = "yaml: unmarshal errors:\n";

    private final BodyReader reader;
    private final ObjectForm form;

    Incoming(BodyReader reader, ObjectForm form) {
        this.reader = reader;
        this.form = form;
    }

    /** Reads bodies in the formats there are. */
    @FunctionalInterface
    interface BodyReader {
        /**
         * Reads the object that a request carries.
         *
         * @param duplicates receives {@code duplicate field "spec.replicas"} for fields that stand there twice
         * @throws ApiException BadRequest, UnsupportedMediaType or RequestEntityTooLarge
         */
        ObjectNode read(ApiRequest request, Resource resource, ServedVersion version, List<String> duplicates);
    }

    /** Works on objects by the schema of their kind. */
    interface ObjectForm {
        /**
         * Drops fields that the kind does not have and checks types.
         *
         * @param unknown receives {@code unknown field "spec.foo"} for each field that is dropped
         * @param refusal for a value that has a type that it must not have
         * @return the object, changed
         */
        ObjectNode fit(
                Resource resource, ServedVersion version, ObjectNode object, List<String> unknown, Refusal refusal);

        /** Fills in what the schema states for what was left out. */
        void fillIn(Resource resource, ServedVersion version, ObjectNode object);
    }

    /** How a client is told that an object cannot be taken. */
    @FunctionalInterface
    interface Refusal {
        /** @param why {@code strict decoding error: unknown field "spec.foo"}, for example */
        ApiException because(String why);
    }

    /** The object that a request carries, in the version of the request, with its defaults. */
    ObjectNode read(ApiRequest request, Resource resource, ServedVersion version, FieldValidation validation) {
        return read(request, resource, version, "", validation);
    }

    /**
     * As {@link #read(ApiRequest, Resource, ServedVersion, FieldValidation)}, of an object that may also be in an older
     * version, whose fields are the same.
     *
     * @param older its {@code apiVersion}; empty if there is none
     */
    ObjectNode read(
            ApiRequest request, Resource resource, ServedVersion version, String older, FieldValidation validation) {
        List<String> problems = new ArrayList<>();
        ObjectNode object = reader.read(request, resource, version, problems);
        if (!older.isEmpty() && ObjectMeta.apiVersion(object).equals(older)) {
            ObjectMeta.setApiVersion(object, resource.storedAs().toString());
        }
        requireKind(resource, version, object);
        ObjectNode formed = inForm(
                request, resource, version, object, validation, problems, why -> notHandled(resource, version, why));
        request.audit().carries(formed);
        return formed;
    }

    /**
     * An object in form, with its defaults.
     *
     * @param problems what was found wrong already; more is added
     * @param refusal for an object that cannot be taken, or must not if fields are to be validated strictly
     */
    ObjectNode inForm(
            ApiRequest request,
            Resource resource,
            ServedVersion version,
            ObjectNode object,
            FieldValidation validation,
            List<String> problems,
            Refusal refusal) {
        ObjectNode fit = form.fit(resource, version, object, problems, refusal);
        if (!problems.isEmpty()) {
            switch (validation) {
                case IGNORE -> {
                    // Dropped without a word, as was asked for.
                }
                case WARN -> problems.forEach(problem -> warn(request, problem));
                case STRICT -> throw refusal.because("strict decoding error: " + String.join(", ", problems));
            }
        }
        form.fillIn(resource, version, fit);
        ObjectNode stored = Versions.toStorage(resource, fit, version.version());
        resource.strategy().applyDefaults(stored);
        return Versions.fromStorage(resource, stored, version.version());
    }

    /**
     * What came of a configuration that was applied, in form. A configuration cannot have fields that the kind does not have,
     * so there is nothing to tell of any: what the object had before is not the client's doing.
     *
     * @param repeated what is told of keys that stand in the configuration twice
     */
    ObjectNode appliedInForm(
            ApiRequest request,
            Resource resource,
            ServedVersion version,
            ObjectNode merged,
            FieldValidation validation,
            List<String> repeated) {
        if (!repeated.isEmpty()) {
            switch (validation) {
                case IGNORE -> {
                    // The last one counts, as was asked for.
                }
                case WARN -> repeated.forEach(problem -> warn(request, problem));
                case STRICT -> throw ApiException.badRequest(REPEATED_KEYS + String.join(", ", repeated));
            }
        }
        return inForm(
                request,
                resource,
                version,
                merged,
                FieldValidation.IGNORE,
                new ArrayList<>(),
                why -> notHandled(resource, version, why));
    }

    private static void warn(ApiRequest request, String problem) {
        if (problem.startsWith(SEVERAL)) {
            problem.substring(SEVERAL.length()).lines().map(String::strip).forEach(request::warn);
        } else {
            request.warn(problem);
        }
    }

    static ApiException notHandled(Resource resource, ServedVersion version, String why) {
        String kind = resource.kind().kind();
        return ApiException.badRequest(
                kind + " in version \"" + version.version() + "\" cannot be handled as a " + kind + ": " + why);
    }

    /** What an object does not say, it leaves to the path. */
    private static void requireKind(Resource resource, ServedVersion version, ObjectNode object) {
        GroupVersion expected = new GroupVersion(resource.name().group(), version.version());
        String own = resource.kind().kind();
        String apiVersion = ObjectMeta.apiVersion(object);
        GroupVersion sent = apiVersion.isEmpty() ? expected : GroupVersion.parse(apiVersion);
        String kind = ObjectMeta.kind(object).isEmpty() ? own : ObjectMeta.kind(object);
        if (!resource.custom() && !(sent.equals(expected) && kind.equals(own))) {
            requireConvertible(resource, sent.kind(kind));
        }
        if (!sent.equals(expected)) {
            throw ApiException.badRequest("the API version in the data (" + sent
                    + ") does not match the expected API version (" + expected + ")");
        }
        if (!kind.equals(own)) {
            FieldErrors errors = new FieldErrors();
            errors.invalid(FieldPath.of("kind"), kind, "must be " + own);
            throw ApiException.invalid(
                    new GroupKind(resource.name().group(), kind), ObjectMeta.name(object), errors.list());
        }
    }

    /** Built-in kinds are read as what they say they are, and then made into what is expected, which may not be possible. */
    private static void requireConvertible(Resource resource, GroupVersionKind sent) {
        String own = resource.kind().kind();
        String why;
        if (BuiltInSchemas.find(sent.group(), sent.version(), sent.kind()) == null) {
            why = "no kind " + GoText.quoted(sent.kind()) + " is registered for version "
                    + GoText.quoted(sent.groupVersion().toString()) + " in scheme " + GoText.quoted(SCHEME);
        } else if (!sent.kind().equals(own)
                || !goPackage(sent.group()).equals(goPackage(resource.name().group()))) {
            why = "converting (" + sent.version() + "." + sent.kind() + ") to ("
                    + goPackage(resource.name().group()) + "." + own + "): unknown conversion";
        } else {
            return;
        }
        throw ApiException.badRequest(sent.kind() + " in version " + GoText.quoted(sent.version())
                + " cannot be handled as a " + own + ": " + why);
    }

    /** Where a kube-apiserver has the kinds of a group, whatever their version. */
    private static String goPackage(String group) {
        int dot = group.indexOf('.');
        return switch (group) {
            case "", "events.k8s.io" -> "core";
            case "internal.apiserver.k8s.io" -> "apiserverinternal";
            default -> dot < 0 ? group : group.substring(0, dot);
        };
    }

    /** Refuses an object that says it is somewhere else than the path says; fills in what it leaves open. */
    static void place(ApiRequest request, Resource resource, ObjectNode object) {
        String name = request.info().name();
        if (!name.isEmpty()) {
            String own = ObjectMeta.name(object);
            if (own.isEmpty()) {
                ObjectMeta.setName(object, name);
            } else if (!own.equals(name)) {
                throw ApiException.badRequest(
                        "the name of the object (" + own + ") does not match the name on the URL (" + name + ")");
            }
        }
        placeInNamespace(request, resource, object);
    }

    /** As {@link #place}, without a look at the name. */
    static void placeInNamespace(ApiRequest request, Resource resource, ObjectNode object) {
        if (resource.namespaced()) {
            String namespace = request.info().namespace();
            String own = ObjectMeta.namespace(object);
            if (own.isEmpty()) {
                ObjectMeta.setNamespace(object, namespace);
            } else if (!own.equals(namespace)) {
                throw ApiException.badRequest(
                        "the namespace of the provided object does not match the namespace sent on the request");
            }
        }
    }
}
