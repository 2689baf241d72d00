package io.keelson.apiserver.kinds.pod;

import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import java.util.List;
import java.util.regex.Pattern;

/** What is wrong with what only pods on Windows have. */
final class WindowsRules {
    private static final int CREDENTIALS_BYTES_MAX = 64 * 1024;
    private static final int DOMAIN_CHARS_MAX = 256;
    private static final int USER_CHARS_MAX = 104;
    private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");
    private static final Pattern NET_BIOS = Pattern.compile("[^\\\\/:*?\"<>|.][^\\\\/:*?\"<>|]{0,14}");
    private static final String LABEL = "[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?";
    private static final Pattern DOMAIN = Pattern.compile(LABEL + "(?:\\." + LABEL + ")*");
    private static final Pattern DOTS = Pattern.compile("[. ]+");
    private static final Pattern NOT_IN_USERS = Pattern.compile("[\"/\\\\:;|=,+*?<>@\\[\\]]");

    private WindowsRules() {}

    static void options(Place options) {
        if (options.at("gmsaCredentialSpecName").present()) {
            options.at("gmsaCredentialSpecName").check(Names::dnsSubdomain);
        }
        Place credentials = options.at("gmsaCredentialSpec");
        if (credentials.present()) {
            if (credentials.empty()) {
                credentials.invalid("gmsaCredentialSpec cannot be an empty string");
            } else if (credentials.text().length() > CREDENTIALS_BYTES_MAX) {
                credentials.invalid("gmsaCredentialSpec size must be under 64 KiB");
            }
        }
        if (options.at("runAsUserName").present()) {
            user(options.at("runAsUserName"));
        }
    }

    private static void user(Place name) {
        String text = name.text();
        String[] parts = text.split("\\\\", -1);
        if (text.isEmpty()) {
            name.invalid("runAsUserName cannot be an empty string");
        } else if (CONTROL.matcher(text).find()) {
            name.invalid("runAsUserName cannot contain control characters");
        } else if (parts.length > 2) {
            name.invalid("runAsUserName cannot contain more than one backslash");
        } else {
            if (parts.length == 2) {
                domain(name, parts[0]);
            }
            account(name, parts[parts.length - 1]);
        }
    }

    private static void domain(Place name, String domain) {
        if (domain.length() >= DOMAIN_CHARS_MAX) {
            name.invalid("runAsUserName's Domain length must be under " + DOMAIN_CHARS_MAX + " characters");
        }
        if (!NET_BIOS.matcher(domain).matches() && !DOMAIN.matcher(domain).matches()) {
            name.invalid("runAsUserName's Domain doesn't match the NetBios nor the DNS format");
        }
    }

    private static void account(Place name, String user) {
        if (user.isEmpty()) {
            name.invalid("runAsUserName's User cannot be empty");
        } else if (user.length() > USER_CHARS_MAX) {
            name.invalid("runAsUserName's User length must not be longer than " + USER_CHARS_MAX + " characters");
        }
        if (DOTS.matcher(user).matches()) {
            name.invalid("runAsUserName's User cannot contain only periods or spaces");
        }
        if (NOT_IN_USERS.matcher(user).find()) {
            name.invalid("runAsUserName's User cannot contain the following characters: \"/\\:;|=,+*?<>@[]");
        }
    }

    /** Either all containers are processes of the host, or none is. */
    static void hostProcesses(Place spec, List<Place> containers) {
        Place ofPod = spec.at("securityContext", "windowsOptions", "hostProcess");
        int processes = 0;
        for (Place container : containers) {
            Place own = container.at("securityContext", "windowsOptions", "hostProcess");
            if (ofPod.present() && own.present() && ofPod.flag() != own.flag()) {
                own.invalid("pod hostProcess value must be identical if both are specified, was " + ofPod.flag());
            }
            if (own.present() ? own.flag() : ofPod.flag()) {
                processes++;
            }
        }
        if (processes == 0) {
            return;
        }
        if (processes != containers.size()) {
            spec.invalid(
                    "",
                    "If pod contains any hostProcess containers then all containers must be HostProcess containers");
        }
        if (!spec.at("hostNetwork").flag()) {
            spec.at("hostNetwork")
                    .invalid(false, "hostNetwork must be true if pod contains any hostProcess containers");
        }
    }
}
