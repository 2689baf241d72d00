package io.keelson.apiserver.rest;

import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.FieldSelector;
import io.keelson.apiserver.object.GoText;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.LabelSelector;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.ListOptions;
import io.keelson.apiserver.request.RequestInfo;
import io.keelson.apiserver.resource.Resource;
import java.util.Set;

/** Which objects a list, a watch or a deletion of many is about. */
record Selectors(LabelSelector labels, FieldSelector fields) {
    private static final String NAME = "metadata.name";
    private static final Set<String> FOR_ALL_KINDS = Set.of(NAME, "metadata.namespace");

    /** @throws ApiException BadRequest if a selector cannot be read, or selects by a field that cannot be selected by */
    static Selectors of(ApiRequest request, Resource resource, ListOptions options) {
        try {
            Selectors selectors =
                    new Selectors(LabelSelector.parse(options.labelSelector()), fields(request.info(), options));
            // Every object has all of the fields, if only with nothing in them.
            Set<String> selectable =
                    resource.strategy().selectableFields(Json.object()).keySet();
            for (FieldSelector.Requirement requirement : selectors.fields.requirements()) {
                String field = requirement.field();
                if (!FOR_ALL_KINDS.contains(field) && !selectable.contains(field)) {
                    throw ApiException.badRequest(
                            selectable.isEmpty() && !resource.custom()
                                    ? GoText.quoted(field)
                                            + " is not a known field selector: only \"metadata.name\","
                                            + " \"metadata.namespace\""
                                    : "field label not supported: " + field);
                }
            }
            return selectors;
        } catch (MalformedException e) {
            throw ApiException.badRequest(e.message());
        }
    }

    /**
     * What a request selects by fields: at most the one object that its path names. Whoever let the request pass went by that
     * name.
     */
    private static FieldSelector fields(RequestInfo info, ListOptions options) {
        FieldSelector fields = FieldSelector.parse(options.fieldSelector());
        String name = info.name();
        if (name.isEmpty()) {
            return fields;
        }
        if (fields.requirements().isEmpty()) {
            return FieldSelector.of(NAME, name);
        }
        if (!name.equals(fields.required(NAME))) {
            throw ApiException.badRequest("fieldSelector metadata.name doesn't match requested name");
        }
        return fields;
    }

    String required(String field) {
        String value = fields.required(field);
        return value == null ? "" : value;
    }
}
