package io.keelson.apiserver.patch;

import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.Reason;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** What a PATCH carries, told by its content type. */
public enum PatchType {
    JSON("application/json-patch+json"),
    MERGE("application/merge-patch+json"),
    STRATEGIC_MERGE("application/strategic-merge-patch+json"),
    APPLY("application/apply-patch+yaml");

    private final String contentType;

    PatchType(String contentType) {
        this.contentType = contentType;
    }

    public String contentType() {
        return contentType;
    }

    /**
     * The type of a patch; parameters of the content type do not matter.
     *
     * @param contentType the header as sent
     * @param custom whether the kind comes from a CustomResourceDefinition, for which there is no strategic merge
     * @throws ApiException UnsupportedMediaType if it is none of those that the kind takes
     */
    public static PatchType of(String contentType, boolean custom) {
        int parameters = contentType.indexOf(';');
        String type = parameters > 0 ? contentType.substring(0, parameters) : contentType;
        return accepted(custom).stream()
                .filter(one -> one.contentType.equals(type))
                .findFirst()
                .orElseThrow(() -> ApiException.of(
                        Reason.UNSUPPORTED_MEDIA_TYPE,
                        "the body of the request was in an unknown format - accepted media types include: "
                                + accepted(custom).stream()
                                        .map(PatchType::contentType)
                                        .collect(Collectors.joining(", "))));
    }

    private static List<PatchType> accepted(boolean custom) {
        return Arrays.stream(values())
                .filter(type -> !custom || type != STRATEGIC_MERGE)
                .toList();
    }
}
