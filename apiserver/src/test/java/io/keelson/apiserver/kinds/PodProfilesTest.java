package io.keelson.apiserver.kinds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Profiles of AppArmor and seccomp in annotations of pods, and in the fields that these have become. */
class PodProfilesTest {
    private static final Kind PODS = Kind.of("pods");
    private static final String APP_ARMOR = "container.apparmor.security.beta.kubernetes.io/";
    private static final String SECCOMP = "seccomp.security.alpha.kubernetes.io/pod";
    private static final String ADVICE = "metadata.annotations[" + APP_ARMOR
            + "c]: deprecated since v1.30; use the \"appArmorProfile\" field instead";

    /** @param pod what the pod says besides its container; with a comma behind it if it says anything */
    private static String pod(String annotation, String value, String pod, String container) {
        return "{metadata: {name: web, annotations: {" + annotation + ": '" + value + "'}}, spec: {" + pod
                + " containers: [{name: c, image: i" + container + "}]}}";
    }

    private static JsonNode profile(String yaml) {
        return PODS.created(yaml).at("/spec/containers/0/securityContext/appArmorProfile");
    }

    @ParameterizedTest
    @CsvSource({
        "unconfined, Unconfined, ''",
        "runtime/default, RuntimeDefault, ''",
        "localhost/mine, Localhost, mine",
    })
    void annotationsBecomeFields(String annotation, String type, String file) {
        String pod = pod(APP_ARMOR + "c", annotation, "", "");
        assertEquals(type, profile(pod).path("type").asText());
        assertEquals(file, profile(pod).path("localhostProfile").asText(""));
        assertEquals(List.of(ADVICE), PODS.warningsOf(pod));
        assertEquals(List.of(), PODS.errorsOf(pod));
    }

    @ParameterizedTest
    @CsvSource({"localhost/", "something", "'localhost/ padded'"})
    void whatIsNoProfileBecomesNoField(String annotation) {
        String pod = pod(APP_ARMOR + "c", annotation, "", "");
        assertFalse(profile(pod).isObject());
        assertEquals(List.of(ADVICE), PODS.warningsOf(pod));
    }

    @Test
    void whatThePodSaysAlreadyIsNotRepeated() {
        String same = "securityContext: {appArmorProfile: {type: RuntimeDefault}},";
        String pod = pod(APP_ARMOR + "c", "runtime/default", same, "");
        assertFalse(profile(pod).isObject());
        assertEquals(List.of(), PODS.warningsOf(pod));
        assertEquals(
                "Unconfined",
                profile(pod(APP_ARMOR + "c", "unconfined", same, ""))
                        .path("type")
                        .asText());
    }

    @Test
    void windowsHasNoProfiles() {
        String pod = pod(APP_ARMOR + "c", "runtime/default", "os: {name: windows},", "");
        assertFalse(profile(pod).isObject());
        assertEquals(List.of(), PODS.warningsOf(pod));
    }

    @Test
    void annotationsAndFieldsSayTheSame() {
        String field = ", securityContext: {appArmorProfile: {type: %s}}";
        String local = "Localhost, localhostProfile: mine";
        assertEquals(
                List.of("spec.containers[0].securityContext.appArmorProfile.type: Forbidden: apparmor type in"
                        + " annotation and field must match"),
                PODS.errorsOf(pod(APP_ARMOR + "c", "unconfined", "", field.formatted("RuntimeDefault"))));
        assertEquals(
                List.of("spec.containers[0].securityContext.appArmorProfile.localhostProfile: Forbidden: apparmor"
                        + " profile in annotation and field must match"),
                PODS.errorsOf(pod(APP_ARMOR + "c", "localhost/other", "", field.formatted(local))));
        assertEquals(List.of(), PODS.errorsOf(pod(APP_ARMOR + "c", "localhost/mine", "", field.formatted(local))));
        String template = "{metadata: {name: web}, template: "
                + pod(APP_ARMOR + "c", "unconfined", "", field.formatted(local)) + "}";
        assertEquals(
                List.of("template.spec.containers[0].securityContext.appArmorProfile.type: Forbidden: apparmor type in"
                        + " annotation and field must match"),
                Kind.of("podtemplates").errorsOf(template));
    }

    @Test
    void annotationsOfSeccompAreProfiles() {
        assertEquals(List.of(), PODS.errorsOf(pod(SECCOMP, "docker/default", "", "")));
        assertEquals(List.of(), PODS.errorsOf(pod(SECCOMP, "localhost/a/b.json", "", "")));
        assertEquals(
                List.of("metadata.annotations." + SECCOMP
                        + ": Invalid value: \"wrong\": must be a valid seccomp profile"),
                PODS.errorsOf(pod(SECCOMP, "wrong", "", "")));
        assertEquals(
                List.of("metadata.annotations.container." + SECCOMP.replace("pod", "c")
                        + ": Invalid value: \"../etc\": must not contain '..'"),
                PODS.errorsOf(pod("container." + SECCOMP.replace("pod", "c"), "localhost/../etc", "", "")));
    }

    @Test
    void annotationsOfSeccompSayWhatTheFieldsSay() {
        String field = "securityContext: {seccompProfile: {type: %s}},";
        assertEquals(List.of(), PODS.errorsOf(pod(SECCOMP, "docker/default", field.formatted("RuntimeDefault"), "")));
        assertEquals(
                List.of("spec.securityContext.seccompProfile.type: Forbidden: seccomp type in annotation and field must"
                        + " match"),
                PODS.errorsOf(pod(SECCOMP, "unconfined", field.formatted("RuntimeDefault"), "")));
        assertEquals(
                List.of("spec.securityContext.seccompProfile.localhostProfile: Forbidden: seccomp profile in annotation"
                        + " and field must match"),
                PODS.errorsOf(pod(SECCOMP, "localhost/b", field.formatted("Localhost, localhostProfile: a"), "")));
    }
}
