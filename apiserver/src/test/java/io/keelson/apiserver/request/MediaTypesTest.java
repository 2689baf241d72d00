package io.keelson.apiserver.request;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.resource.GroupVersionKind;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MediaTypesTest {
    private static final GroupVersionKind TABLE = new GroupVersionKind("meta.k8s.io", "v1", "Table");
    private static final Predicate<GroupVersionKind> TABLES = TABLE::equals;

    private static MediaTypes.Negotiated negotiate(String accept) {
        return MediaTypes.ALL.answer(TestRequests.get("/api/v1/pods", "Accept", accept), TABLES);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | JSON",
                "*/* | JSON",
                "* | JSON",
                "application/* | JSON",
                "application/json | JSON",
                "application/yaml | YAML",
                "application/vnd.kubernetes.protobuf | PROTOBUF",
                "application/vnd.kubernetes.protobuf,application/json | PROTOBUF",
                "application/json;q=0.5, application/yaml;q=0.9 | YAML",
                "*/*, application/yaml | YAML",
                "text/html, application/yaml;q=0.1 | YAML",
                "application/json;stream=watch | JSON",
                "application/yaml;stream=watch, application/json;q=0.1 | JSON",
                "application/json;stream=other, application/yaml;q=0.1 | YAML",
                "application/json;sv=v1, application/yaml;q=0.1 | YAML",
                "application/json;charset=utf-8 | JSON",
                "rubbish, application/yaml | YAML",
                "application/json;q=x, application/yaml;q=0.2 | YAML",
            })
    void choosesAFormat(String accept, MediaType expected) {
        assertEquals(expected, negotiate(accept).type());
    }

    @Test
    void turnsIntoTablesWhereThatIsPossible() {
        String kubectl =
                "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json";
        assertEquals(TABLE, negotiate(kubectl).as());
        ApiRequest request = TestRequests.get("/api/v1/pods", "Accept", kubectl);
        assertEquals(null, MediaTypes.ALL.answer(request, _ -> false).as());
    }

    @Test
    void refusesWhatItDoesNotSpeak() {
        ApiException e = assertThrows(ApiException.class, () -> negotiate("text/html"));
        assertEquals(406, e.code());
        assertEquals(
                "only the following media types are accepted: application/json, application/yaml, "
                        + "application/vnd.kubernetes.protobuf",
                e.message());
        ApiException stream = assertThrows(
                ApiException.class,
                () -> MediaTypes.ALL.stream(TestRequests.get("/", "Accept", "application/yaml"), TABLES));
        assertEquals(
                "only the following media types are accepted: application/json;stream=watch, "
                        + "application/vnd.kubernetes.protobuf;stream=watch",
                stream.message());
        assertThrows(
                ApiException.class,
                () -> MediaTypes.TEXT.answer(
                        TestRequests.get("/", "Accept", "application/vnd.kubernetes.protobuf"), TABLES));
    }

    @Test
    void readsBodiesByTheirType() {
        assertEquals(MediaType.JSON, MediaTypes.ALL.body(TestRequests.get("/")));
        assertEquals(
                MediaType.YAML,
                MediaTypes.ALL.body(TestRequests.get("/", "Content-Type", "Application/YAML; charset=utf-8")));
        ApiException e = assertThrows(
                ApiException.class, () -> MediaTypes.TEXT.body(TestRequests.get("/", "Content-Type", "text/plain")));
        assertEquals(415, e.code());
        assertEquals(
                "the body of the request was in an unknown format - accepted media types include: "
                        + "application/json, application/yaml",
                e.message());
        assertEquals(
                "application/merge-patch+json",
                MediaTypes.patchType(
                        TestRequests.get("/", "Content-Type", "application/merge-patch+json; charset=x"),
                        List.of("application/merge-patch+json")));
    }

    @Test
    void indentsForPeople() {
        assertTrue(MediaTypes.ALL
                .answer(TestRequests.get("/", "User-Agent", "curl/8"), TABLES)
                .pretty());
        assertTrue(MediaTypes.ALL
                .answer(TestRequests.get("/?pretty=true", "User-Agent", "kubectl"), TABLES)
                .pretty());
        assertFalse(MediaTypes.ALL
                .answer(TestRequests.get("/?pretty=0", "User-Agent", "curl/8"), TABLES)
                .pretty());
        assertTrue(negotiate("application/json;pretty=1").pretty());
    }

    @Test
    void survivesHeadersThatAreMadeToHurt() {
        assertEquals(
                MediaType.YAML,
                negotiate("application/yaml," + "a/b;q=".repeat(100_000)).type());
        assertThrows(ApiException.class, () -> negotiate(",".repeat(1_000_000)));
        assertThrows(ApiException.class, () -> negotiate("a/b;" + "x=y;".repeat(100_000)));
    }
}
