package io.keelson.apiserver.rest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.kinds.AddressFields;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.resource.NameRule;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.resource.Strategy;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.MetadataValidation;
import io.keelson.apiserver.validation.Names;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Refuses objects that break the rules of their kind, or those for all kinds.
 *
 * @param strictAddresses whether new addresses are refused that programs do not read alike
 */
record Judgement(boolean strictAddresses) {
    private static final Set<String> EXTENSION_GROUPS = Set.of("apiextensions.k8s.io", "apiregistration.k8s.io");

    /**
     * @param content what is wrong by what its content was checked for
     * @param warnings receives what is allowed and hardly meant
     * @throws ApiException Invalid, with everything that is wrong
     */
    void ofNew(Resource resource, ObjectNode object, FieldErrors content, List<String> warnings) {
        FieldErrors errors = new FieldErrors();
        Strategy strategy = resource.strategy();
        MetadataValidation.validate(
                object, resource.namespaced(), rule(strategy.nameRule()), qualifiesFinalizers(resource), errors);
        errors.addAll(content);
        strategy.validate(object, errors);
        addresses(resource, false, object, null, errors);
        refuse(resource, object, errors);
        strategy.warn(object, null, warnings);
    }

    /**
     * @param content what is wrong by what its content was checked for
     * @param warnings receives what is wrong but let pass, because it was so before, and what is hardly meant
     * @throws ApiException Invalid, with everything else that is wrong
     */
    void ofChange(
            Resource resource,
            Part part,
            ObjectNode object,
            ObjectNode old,
            FieldErrors content,
            List<String> warnings) {
        FieldErrors errors = new FieldErrors();
        MetadataValidation.validateUpdate(object, old, qualifiesFinalizers(resource), errors);
        errors.addAll(content);
        part.judge(object, old, errors);
        addresses(resource, part.status(), object, old, errors);
        warnings.addAll(errors.pardoned());
        refuse(resource, object, errors);
        if (!part.status()) {
            part.strategy().warn(object, old, warnings);
        }
    }

    private void addresses(
            Resource resource, boolean status, ObjectNode object, @Nullable ObjectNode old, FieldErrors errors) {
        if (strictAddresses && !resource.custom()) {
            AddressFields.judge(resource.name(), status, object, old, errors);
        }
    }

    /** Custom kinds, and the kinds by which the API is extended, do not mind finalizers without a domain. */
    private static boolean qualifiesFinalizers(Resource resource) {
        return !resource.custom() && !EXTENSION_GROUPS.contains(resource.name().group());
    }

    private static void refuse(Resource resource, ObjectNode object, FieldErrors errors) {
        if (!errors.isEmpty()) {
            throw ApiException.invalid(resource.kind(), ObjectMeta.name(object), errors.list());
        }
    }

    private static Function<String, List<String>> rule(NameRule rule) {
        return switch (rule) {
            case DNS_SUBDOMAIN -> Names::dnsSubdomain;
            case DNS_LABEL -> Names::dnsLabel;
            case PATH_SEGMENT -> Names::pathSegment;
        };
    }
}
