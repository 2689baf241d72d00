package io.keelson.apiserver.admission.podsecurity;

import io.keelson.apiserver.object.GoText;
import io.keelson.apiserver.validation.FieldError;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What holds in a namespace.
 *
 * @param enforce pods against it are refused
 * @param audit pods and templates of pods against it are noted in the audit log
 * @param warn whoever writes pods and templates of pods against it is warned
 */
record Policy(Standard enforce, Standard audit, Standard warn) {
    static final Policy PRIVILEGED = new Policy(Standard.PRIVILEGED, Standard.PRIVILEGED, Standard.PRIVILEGED);

    static final String PREFIX = "pod-security.kubernetes.io/";

    /**
     * What a namespace's labels say. Of a level that is none, the strictest is enforced, and nothing is noted or warned of;
     * a version that is none counts as the latest.
     *
     * @param defaults for what the labels do not say
     * @param errors receives what is wrong with the labels
     */
    static Policy of(Map<String, String> labels, Policy defaults, List<FieldError> errors) {
        return new Policy(
                standard("enforce", labels, defaults.enforce, Level.RESTRICTED, errors),
                standard("audit", labels, defaults.audit, Level.PRIVILEGED, errors),
                standard("warn", labels, defaults.warn, Level.PRIVILEGED, errors));
    }

    /** Whether nothing is forbidden in any mode. */
    boolean isPrivileged() {
        return enforce.level() == Level.PRIVILEGED
                && audit.level() == Level.PRIVILEGED
                && warn.level() == Level.PRIVILEGED;
    }

    private static Standard standard(
            String mode, Map<String, String> labels, Standard standard, Level ifWrong, List<FieldError> errors) {
        Standard result = standard;
        String levelText = labels.get(PREFIX + mode);
        if (levelText != null) {
            Level level = Level.parse(levelText);
            if (level == null) {
                errors.add(wrong(mode, levelText, Level.EXPECTED));
            }
            result = result.withLevel(level == null ? ifWrong : level);
        }
        String versionText = labels.get(PREFIX + mode + "-version");
        if (versionText != null) {
            @Nullable Integer minor = Standard.parseVersion(versionText);
            if (minor == null) {
                errors.add(wrong(mode + "-version", versionText, Standard.EXPECTED));
            }
            result = result.withMinor(minor == null ? Standard.LATEST : minor);
        }
        return result;
    }

    private static FieldError wrong(String label, String value, String expected) {
        return new FieldError(
                FieldError.Type.INVALID,
                "metadata.labels[" + PREFIX + label + "]",
                "Invalid value: " + GoText.quoted(value) + ": " + expected);
    }
}
