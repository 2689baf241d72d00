package io.keelson.kvstore.membership;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.kvstore.api.Member;
import io.keelson.kvstore.storage.Folders;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Who a member is: written once into its data directory, before it first takes part, and never changed. A start finds it
 * there and then ignores the flags that say how to begin.
 *
 * @param clusterId id of the cluster, unsigned
 * @param memberId id of this member, unsigned
 * @param token the token that ids of later members are computed with
 * @param initialMembers the members the cluster began with; empty for a member that joined
 * @param seeded whether the cluster began with data (a restored snapshot) that its log does not contain. Members that
 *     join such a cluster must begin with a snapshot of another member.
 * @param metMembers the members that one that joined was told of, which is how it reaches them before it has the table of
 *     members: the table may come with a snapshot, and that has to be fetched. Empty for a first member.
 */
public record Identity(
        long clusterId,
        long memberId,
        String token,
        List<Member> initialMembers,
        boolean seeded,
        List<Member> metMembers) {
    private static final String FILE = "identity.json";
    private static final String CHECKSUM = "crc32c";
    private static final int FORMAT = 1;
    private static final ObjectMapper JSON = new ObjectMapper();

    public Identity {
        initialMembers = List.copyOf(initialMembers);
        metMembers = List.copyOf(metMembers);
    }

    /** One of the first members. */
    public Identity(long clusterId, long memberId, String token, List<Member> initialMembers, boolean seeded) {
        this(clusterId, memberId, token, initialMembers, seeded, List.of());
    }

    /**
     * What the directory says.
     *
     * @return null if nobody has lived there yet
     * @throws IOException if it cannot be read, or is damaged
     */
    public static @Nullable Identity read(Path directory) throws IOException {
        Path file = directory.resolve(FILE);
        if (!Files.exists(file)) {
            return null;
        }
        ObjectNode root = parse(file);
        if (root.path("format").asInt() != FORMAT) {
            throw new IOException(file + " is not an identity this version can read");
        }
        JsonNode checksum = root.remove(CHECKSUM);
        if (checksum == null || !checksum.asText().equals(checksum(root))) {
            throw new IOException(file + " is damaged: the checksum does not fit");
        }
        try {
            return new Identity(
                    Long.parseUnsignedLong(root.path("clusterId").asText(), 16),
                    Long.parseUnsignedLong(root.path("memberId").asText(), 16),
                    root.path("token").asText(),
                    members(root.path("initialMembers")),
                    root.path("seeded").asBoolean(),
                    members(root.path("metMembers")));
        } catch (NumberFormatException e) {
            throw new IOException(file + " is damaged", e);
        }
    }

    private static List<Member> members(JsonNode nodes) {
        List<Member> members = new ArrayList<>();
        for (JsonNode node : nodes) {
            Member.Builder member = Member.newBuilder()
                    .setID(Long.parseUnsignedLong(node.path("id").asText(), 16))
                    .setName(node.path("name").asText())
                    .setIsLearner(node.path("learner").asBoolean());
            node.path("peerUrls").forEach(url -> member.addPeerURLs(url.asText()));
            members.add(member.build());
        }
        return members;
    }

    private static void addMembers(ArrayNode nodes, List<Member> members) {
        for (Member member : members) {
            ObjectNode node = nodes.addObject()
                    .put("id", ClusterIds.text(member.getID()))
                    .put("name", member.getName())
                    .put("learner", member.getIsLearner());
            ArrayNode urls = node.putArray("peerUrls");
            member.getPeerURLsList().forEach(urls::add);
        }
    }

    private static ObjectNode parse(Path file) throws IOException {
        try {
            if (JSON.readTree(Files.readAllBytes(file)) instanceof ObjectNode root) {
                return root;
            }
        } catch (JsonProcessingException e) {
            throw new IOException(file + " is damaged: " + e.getOriginalMessage(), e);
        }
        throw new IOException(file + " is damaged: no JSON object");
    }

    /** CRC-32C of everything else in the file, however it is laid out. */
    private static String checksum(ObjectNode root) throws IOException {
        CRC32C crc = new CRC32C();
        crc.update(JSON.writeValueAsBytes(root));
        return Long.toHexString(crc.getValue());
    }

    /** Writes it, so that a crash leaves all of it or nothing. */
    public void write(Path directory) throws IOException {
        Files.createDirectories(directory);
        ObjectNode root = JSON.createObjectNode()
                .put("format", FORMAT)
                .put("clusterId", ClusterIds.text(clusterId))
                .put("memberId", ClusterIds.text(memberId))
                .put("token", token)
                .put("seeded", seeded);
        addMembers(root.putArray("initialMembers"), initialMembers);
        addMembers(root.putArray("metMembers"), metMembers);
        root.put(CHECKSUM, checksum(root));
        byte[] bytes = (JSON.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n")
                .getBytes(StandardCharsets.UTF_8);
        Folders.replaceFile(directory.resolve(FILE), bytes);
    }
}
