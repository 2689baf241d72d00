package io.keelson.dist.hostile;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;

/** Requests whose bodies are more work than they look, or are nothing that their type says. None of them changes anything. */
final class HeavyBodies {
    private static final String MAPS = "/api/v1/namespaces/" + ApiTarget.NAMESPACE + "/configmaps";
    private static final String TRIED = "?dryRun=All&fieldManager=mallory";

    /** One of them. */
    record Request(String method, String path, String type, byte[] body) {
        private static Request of(String method, String path, String type, String body) {
            return new Request(method, path, type, body.getBytes(StandardCharsets.UTF_8));
        }
    }

    private HeavyBodies() {}

    /** Any of all kinds. */
    static Request any(Random random) {
        return switch (random.nextInt(12)) {
            case 0 -> Request.of("POST", MAPS + TRIED, "application/yaml", multiplyingAliases(12));
            case 1 -> slowYaml(random);
            case 2 -> deepJson(random);
            case 3 -> Request.of("POST", MAPS + TRIED, "application/json", sameField(50_000));
            case 4 -> manyOperations(random);
            case 5 -> Request.of("PATCH", MAPS + "/victim" + TRIED, "application/json-patch+json", copies(40));
            case 6 -> protobuf(random);
            case 7 ->
                Request.of(
                        "PATCH",
                        MAPS + "/applied" + TRIED + "&force=true",
                        "application/apply-patch+yaml",
                        fields(30_000));
            case 8 ->
                Request.of(
                        "POST",
                        "/api/v1/namespaces/" + ApiTarget.NAMESPACE + "/pods" + TRIED,
                        "application/json",
                        sameContainers(5_000));
            case 9 ->
                Request.of(
                        "POST",
                        MAPS + TRIED,
                        "application/json",
                        "{\"metadata\":{\"name\":\"n\",\"generation\":" + "9".repeat(1_000_000) + "}}");
            case 10 -> damagedText(random);
            default ->
                Request.of(
                        "PATCH",
                        MAPS + "/victim" + TRIED,
                        "application/merge-patch+json",
                        "{\"a\":".repeat(450) + "1" + "}".repeat(450));
        };
    }

    /** Each line stands for ten of the one before. */
    private static String multiplyingAliases(int lines) {
        StringBuilder bomb = new StringBuilder("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: bomb}\ndata:\n");
        bomb.append("  a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
        for (int i = 1; i < lines; i++) {
            bomb.append("  a").append(i).append(": &a").append(i).append(" [");
            bomb.append(("*a" + (i - 1) + ",").repeat(10)).append("]\n");
        }
        return bomb.toString();
    }

    /** Each sign might begin a key, an entry, a text. */
    private static Request slowYaml(Random random) {
        List<String> signs = List.of("{a: ", "? ", "- ", "!!", "&a ", "\"\\x", "|\n ", ": ");
        String sign = signs.get(random.nextInt(signs.size()));
        return Request.of("POST", MAPS + TRIED, "application/yaml", "a: " + sign.repeat(400_000 / sign.length()));
    }

    private static Request deepJson(Random random) {
        String opened = random.nextBoolean() ? "{\"a\":" : "[";
        return Request.of(
                "POST",
                MAPS + TRIED,
                "application/json",
                "{\"data\":" + opened.repeat(100_000 + random.nextInt(400_000)));
    }

    private static String sameField(int times) {
        return "{\"metadata\":{\"name\":\"same\"},\"data\":{" + "\"a\":\"1\",".repeat(times) + "\"a\":\"2\"}}";
    }

    /** As many operations as a patch may have, or one more. */
    private static Request manyOperations(Random random) {
        String one = "{\"op\":\"add\",\"path\":\"/data/a\",\"value\":\"1\"}";
        int more = random.nextBoolean() ? 9_999 : 10_000;
        return Request.of(
                "PATCH",
                MAPS + "/victim" + TRIED,
                "application/json-patch+json",
                "[" + (one + ",").repeat(more) + one + "]");
    }

    /** Each copy puts all there is into itself. */
    private static String copies(int times) {
        return "[{\"op\":\"add\",\"path\":\"/x\",\"value\":[\"xxxxxxxxxxxxxxxx\"]}"
                + ",{\"op\":\"copy\",\"from\":\"/x\",\"path\":\"/x/-\"}".repeat(times)
                + "]";
    }

    /** A message of nothing, or lengths of more than there is, behind the proper beginning. */
    private static Request protobuf(Random random) {
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        message.writeBytes(new byte[] {'k', '8', 's', 0});
        if (random.nextBoolean()) {
            byte[] noise = new byte[1 + random.nextInt(2_000)];
            random.nextBytes(noise);
            message.writeBytes(noise);
        } else {
            for (int i = 0; i < 100_000; i++) {
                // Field 2 with a length of almost four gigabytes, or a group that nobody ends.
                message.writeBytes(i % 2 == 0 ? new byte[] {0x12, -1, -1, -1, -1, 0x0f} : new byte[] {0x13});
            }
        }
        return new Request("POST", MAPS + TRIED, "application/vnd.kubernetes.protobuf", message.toByteArray());
    }

    /** Of which each is to be owned. */
    private static String fields(int count) {
        StringBuilder map = new StringBuilder("{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",");
        map.append("\"metadata\":{\"name\":\"applied\"},\"data\":{\"k\":\"v\"");
        for (int i = 0; i < count; i++) {
            map.append(",\"k").append(i).append("\":\"v\"");
        }
        return map.append("}}").toString();
    }

    /** Of which each is wrong in several ways. */
    private static String sameContainers(int count) {
        String container =
                "{\"name\":\"A/B\",\"image\":\"\",\"ports\":[{\"containerPort\":-1}],\"env\":[{\"name\":\"=\"}]}";
        return "{\"metadata\":{\"name\":\"many\"},\"spec\":{\"containers\":[" + (container + ",").repeat(count - 1)
                + container + "]}}";
    }

    /** A proper object in which some bytes have changed. */
    private static Request damagedText(Random random) {
        boolean yaml = random.nextBoolean();
        byte[] body = (yaml
                        ? "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: damaged\ndata:\n  a: 'b'\n"
                        : "{\"metadata\":{\"name\":\"damaged\"},\"data\":{\"a\":\"\\t\"},\"binaryData\":{\"b\":\"AA==\"}}")
                .getBytes(StandardCharsets.UTF_8);
        for (int i = 1 + random.nextInt(6); i > 0; i--) {
            body[random.nextInt(body.length)] = (byte) random.nextInt();
        }
        return new Request("POST", MAPS + TRIED, yaml ? "application/yaml" : "application/json", body);
    }
}
