package io.keelson.apiserver.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.StatusCause;
import io.keelson.apiserver.errors.StatusDetails;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.request.MediaTypes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes failures as {@code Status} objects, in the format that the client reads. */
public final class StatusWriter {
    private static final JsonFactory JSON = new JsonFactory();

    private StatusWriter() {}

    /** The answer to a request that failed; JSON if the client accepts none of the formats there are. */
    public static ApiResponse.Whole response(ApiException failure, ApiRequest request) {
        MediaTypes.Negotiated format;
        try {
            format = MediaTypes.ALL.answer(request, _ -> false);
        } catch (ApiException notAcceptable) {
            format = MediaTypes.ALL.preferred(request);
        }
        byte[] body = switch (format.type()) {
            case JSON -> json(failure, format.pretty());
            case YAML -> StatusYaml.encode(failure);
            case PROTOBUF -> StatusProtobuf.encode(failure);
        };
        Map<String, String> headers = new LinkedHashMap<>(failure.headers());
        headers.put("Content-Type", format.type().text());
        if (failure.details().retryAfterSeconds() > 0) {
            headers.put("Retry-After", Integer.toString(failure.details().retryAfterSeconds()));
        }
        return new ApiResponse.Whole(failure.code(), headers, List.of(ByteBuffer.wrap(body)));
    }

    /** As the API writes it: with a line break behind it, or indented by two spaces and without. */
    public static byte[] json(ApiException failure, boolean pretty) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(512);
        try (JsonGenerator json = JSON.createGenerator(out)) {
            if (pretty) {
                DefaultIndenter indenter = new DefaultIndenter("  ", "\n");
                json.setPrettyPrinter(new DefaultPrettyPrinter(Separators.createDefaultInstance()
                                .withObjectFieldValueSpacing(Separators.Spacing.AFTER)
                                .withObjectEmptySeparator("")
                                .withArrayEmptySeparator(""))
                        .withObjectIndenter(indenter)
                        .withArrayIndenter(indenter));
            }
            write(failure, json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (!pretty) {
            out.write('\n');
        }
        return out.toByteArray();
    }

    private static void write(ApiException failure, JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeStringField("kind", "Status");
        json.writeStringField("apiVersion", "v1");
        json.writeObjectFieldStart("metadata");
        optional(json, "continue", failure.continueToken());
        json.writeEndObject();
        json.writeStringField("status", "Failure");
        optional(json, "message", failure.message());
        optional(json, "reason", failure.reasonText());
        if (!failure.details().equals(StatusDetails.NONE)) {
            json.writeFieldName("details");
            write(failure.details(), json);
        }
        json.writeNumberField("code", failure.code());
        json.writeEndObject();
    }

    private static void write(StatusDetails details, JsonGenerator json) throws IOException {
        json.writeStartObject();
        optional(json, "name", details.name());
        optional(json, "group", details.group());
        optional(json, "kind", details.kind());
        optional(json, "uid", details.uid());
        if (!details.causes().isEmpty()) {
            json.writeArrayFieldStart("causes");
            for (StatusCause cause : details.causes()) {
                json.writeStartObject();
                optional(json, "reason", cause.reason());
                optional(json, "message", cause.message());
                optional(json, "field", cause.field());
                json.writeEndObject();
            }
            json.writeEndArray();
        }
        if (details.retryAfterSeconds() > 0) {
            json.writeNumberField("retryAfterSeconds", details.retryAfterSeconds());
        }
        json.writeEndObject();
    }

    private static void optional(JsonGenerator json, String field, String value) throws IOException {
        if (!value.isEmpty()) {
            json.writeStringField(field, value);
        }
    }
}
