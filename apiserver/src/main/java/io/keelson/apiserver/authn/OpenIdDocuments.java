package io.keelson.apiserver.authn;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.request.ApiResponse;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;

/**
 * What others need to check the tokens of service accounts: {@code /.well-known/openid-configuration} and {@code
 * /openid/v1/jwks}.
 *
 * @param maxAgeSeconds for how long they may be kept by who has read them
 */
public record OpenIdDocuments(byte[] configuration, byte[] keySet, int maxAgeSeconds) {
    public static final String CONFIGURATION_PATH = "/.well-known/openid-configuration";
    public static final String KEY_SET_PATH = "/openid/v1/jwks";

    /**
     * @param issuer the first issuer of tokens
     * @param keySetUrl where the key set is found from outside
     * @throws IOException if the issuer is not a URL with https, or there are no keys: there are no such documents then
     */
    public static OpenIdDocuments of(String issuer, String keySetUrl, ServiceAccountKeys keys) throws IOException {
        requireHttps(issuer, "issuer URL");
        requireHttps(keySetUrl, "JWKS URL");
        ObjectNode configuration = Json.object();
        configuration.put("issuer", issuer);
        configuration.put("jwks_uri", keySetUrl);
        configuration.set("response_types_supported", Json.array(List.of("id_token")));
        configuration.set("subject_types_supported", Json.array(List.of("public")));
        configuration.set("id_token_signing_alg_values_supported", Json.array(keys.algorithms()));
        return new OpenIdDocuments(Json.encode(configuration), Json.encode(keys.keySet()), keys.maxAgeSeconds());
    }

    private static void requireHttps(String url, String what) throws IOException {
        try {
            URI uri = new URI(url);
            if (!"https".equals(uri.getScheme())) {
                throw new IOException(what + " must use https scheme, got: " + url);
            }
            if (uri.getRawQuery() != null) {
                throw new IOException(what + " may not include a query, got: " + url);
            }
        } catch (URISyntaxException e) {
            throw new IOException(what + " is malformed: " + url, e);
        }
    }

    public ApiResponse configurationResponse() {
        return response("application/json", configuration);
    }

    public ApiResponse keySetResponse() {
        return response("application/jwk-set+json", keySet);
    }

    private ApiResponse response(String contentType, byte[] body) {
        return ApiResponse.of(200, contentType, body).withHeader("Cache-Control", "public, max-age=" + maxAgeSeconds);
    }
}
