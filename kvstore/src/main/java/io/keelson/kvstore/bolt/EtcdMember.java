package io.keelson.kvstore.bolt;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A member in etcd's file: JSON, under the id as hexadecimal text.
 *
 * @param id an unsigned number
 * @param name empty as long as the member has not started
 * @param learner whether it has no vote
 */
public record EtcdMember(long id, String name, List<String> peerUrls, List<String> clientUrls, boolean learner) {
    private static final JsonMapper JSON = new JsonMapper();

    public EtcdMember {
        peerUrls = List.copyOf(peerUrls);
        clientUrls = List.copyOf(clientUrls);
    }

    /** The key of a member, also of a removed one. */
    public static byte[] key(long id) {
        return Long.toHexString(id).getBytes(StandardCharsets.US_ASCII);
    }

    /** The value under {@link #key}. */
    public byte[] encode() {
        ObjectNode json = JSON.createObjectNode();
        json.put("id", new BigInteger(Long.toUnsignedString(id)));
        ArrayNode peers = json.putArray("peerURLs");
        peerUrls.forEach(peers::add);
        if (learner) {
            json.put("isLearner", true);
        }
        if (!name.isEmpty()) {
            json.put("name", name);
        }
        if (!clientUrls.isEmpty()) {
            ArrayNode clients = json.putArray("clientURLs");
            clientUrls.forEach(clients::add);
        }
        try {
            return JSON.writeValueAsBytes(json);
        } catch (IOException e) {
            throw new UncheckedIOException("a tree of texts and numbers has no JSON form", e);
        }
    }

    /**
     * @throws IOException if the bytes are not a member
     */
    public static EtcdMember decode(byte[] bytes) throws IOException {
        JsonNode json = JSON.readTree(bytes);
        if (!json.path("id").isIntegralNumber()) {
            throw new IOException("a member without an id");
        }
        return new EtcdMember(
                json.path("id").bigIntegerValue().longValue(),
                json.path("name").asText(),
                texts(json.path("peerURLs")),
                texts(json.path("clientURLs")),
                json.path("isLearner").asBoolean());
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        for (JsonNode text : array) {
            texts.add(text.asText());
        }
        return texts;
    }
}
