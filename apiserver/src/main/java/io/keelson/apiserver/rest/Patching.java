package io.keelson.apiserver.rest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.patch.JsonPatch;
import io.keelson.apiserver.patch.MergePatch;
import io.keelson.apiserver.patch.PatchType;
import io.keelson.apiserver.patch.StrategicMergePatch;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.resource.GroupKind;
import io.keelson.apiserver.resource.ServedVersion;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.FieldPath;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** A patch that a request carries, of one of the types that change what is there. */
interface Patching {
    /** A changed copy of the object, in its version, not yet in form. */
    ObjectNode apply(ObjectNode object);

    /** What is wrong with the patch itself, for strict field validation. */
    List<String> problems();

    /**
     * The answer to a patch that makes something of an object that cannot be taken.
     *
     * @param object as it was before
     * @param why what is wrong with it now
     */
    ApiException refusal(ObjectNode object, String why);

    /** @throws ApiException BadRequest if it cannot be read */
    static Patching read(ApiRequest request, PatchType type, ServedVersion version) {
        byte[] body = request.body().bytes(Incoming.BYTES_MAX);
        request.audit().patches(body, false);
        return switch (type) {
            case JSON -> {
                JsonPatch patch = JsonPatch.parse(body);
                yield of(patch::apply, object -> Json.text(patch.apply(object)), patch.strictErrors());
            }
            case MERGE -> {
                MergePatch patch = MergePatch.parse(body);
                yield of(patch::apply, object -> Json.text(patch.apply(object)), patch.duplicates());
            }
            case STRATEGIC_MERGE -> {
                StrategicMergePatch patch = StrategicMergePatch.parse(body);
                yield of(object -> patch.apply(object, version.schema()), _ -> patch.shown(), patch.duplicates());
            }
            case APPLY -> throw new IllegalArgumentException("a configuration is applied, not a patch");
        };
    }

    /** @param shown what is shown of what is wrong, from the object as it was before */
    private static Patching of(
            UnaryOperator<ObjectNode> change, Function<ObjectNode, String> shown, List<String> problems) {
        return new Patching() {
            @Override
            public ObjectNode apply(ObjectNode object) {
                return change.apply(object);
            }

            @Override
            public List<String> problems() {
                return problems;
            }

            @Override
            public ApiException refusal(ObjectNode object, String why) {
                FieldErrors errors = new FieldErrors();
                errors.invalid(FieldPath.of("patch"), shown.apply(object), why);
                return ApiException.invalid(new GroupKind("", ""), "", errors.list());
            }
        };
    }
}
