package io.keelson.agent.embedded;

import io.keelson.agent.wire.cri.LinuxContainerSecurityContext;
import io.keelson.agent.wire.cri.SupplementalGroupsPolicy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who a container's processes are.
 *
 * @param groups all of them besides {@code group}, each once
 * @param home the user's folder
 */
record ContainerIdentity(long user, long group, List<Long> groups, String home) {
    private static final long ID_MAX = 0xFFFF_FFFEL;

    /** A line of {@code /etc/passwd}. */
    private record Account(String name, long user, long group, String home) {}

    /**
     * As the security context says, or else the image; names are looked up in the image's files.
     *
     * @param imageUser {@code user[:group]}, by name or number; may be empty
     * @throws io.grpc.StatusRuntimeException if a user or group is not there
     */
    static ContainerIdentity resolve(Path root, LinuxContainerSecurityContext context, String imageUser)
            throws IOException {
        String wanted = imageUser;
        if (context.hasRunAsUser()) {
            wanted = Long.toString(context.getRunAsUser().getValue());
        } else if (!context.getRunAsUsername().isEmpty()) {
            wanted = context.getRunAsUsername();
        } else if (context.hasRunAsGroup() && imageUser.isEmpty()) {
            throw RuntimeProblem.invalid("user group is specified without user");
        }
        int colon = wanted.indexOf(':');
        String userText = colon < 0 ? wanted : wanted.substring(0, colon);
        String groupText = colon < 0 ? "" : wanted.substring(colon + 1);
        Account account = account(root, userText.isEmpty() ? "0" : userText);
        long group = groupText.isEmpty() ? account.group() : group(root, groupText);
        if (context.hasRunAsGroup()) {
            group = checked(context.getRunAsGroup().getValue());
        }
        Set<Long> groups = new LinkedHashSet<>();
        groups.add(group);
        if (context.getSupplementalGroupsPolicy() == SupplementalGroupsPolicy.Merge) {
            groups.addAll(groupsOf(root, account.name()));
        }
        for (long other : context.getSupplementalGroupsList()) {
            groups.add(checked(other));
        }
        return new ContainerIdentity(account.user(), group, List.copyOf(groups), account.home());
    }

    /** @throws io.grpc.StatusRuntimeException if a pod with these users has no such one */
    void checkWithin(PodUsers users) {
        users.userOutside(user);
        users.checkGroup(group);
        groups.forEach(users::checkGroup);
    }

    private static Account account(Path root, String text) throws IOException {
        Long number = number(text);
        for (String line : RootPaths.lines(root, "/etc/passwd")) {
            String[] parts = line.split(":", -1);
            Long user = parts.length < 7 ? null : number(parts[2]);
            Long group = parts.length < 7 ? null : number(parts[3]);
            if (user != null && group != null && (number == null ? parts[0].equals(text) : user.equals(number))) {
                return new Account(parts[0], checked(user), checked(group), parts[5].isEmpty() ? "/" : parts[5]);
            }
        }
        if (number == null) {
            throw RuntimeProblem.invalid("unable to find user " + text + ": no matching entries in passwd file");
        }
        return new Account("", checked(number), 0, "/");
    }

    private static long group(Path root, String text) throws IOException {
        Long number = number(text);
        if (number != null) {
            return checked(number);
        }
        for (String line : RootPaths.lines(root, "/etc/group")) {
            String[] parts = line.split(":", -1);
            Long group = parts.length < 3 ? null : number(parts[2]);
            if (group != null && parts[0].equals(text)) {
                return checked(group);
            }
        }
        throw RuntimeProblem.invalid("unable to find group " + text + ": no matching entries in group file");
    }

    private static List<Long> groupsOf(Path root, String name) throws IOException {
        List<Long> groups = new ArrayList<>();
        for (String line : RootPaths.lines(root, "/etc/group")) {
            String[] parts = line.split(":", -1);
            Long group = parts.length < 4 ? null : number(parts[2]);
            if (group != null
                    && !name.isEmpty()
                    && List.of(parts[3].split(",", -1)).contains(name)) {
                groups.add(checked(group));
            }
        }
        return groups;
    }

    private static @Nullable Long number(String text) {
        try {
            return text.isEmpty() || text.length() > 10 ? null : Long.valueOf(text);
        } catch (NumberFormatException name) {
            return null;
        }
    }

    private static long checked(long id) {
        if (id < 0 || id > ID_MAX) {
            throw RuntimeProblem.invalid("the user or group " + id + " is out of range");
        }
        return id;
    }
}
