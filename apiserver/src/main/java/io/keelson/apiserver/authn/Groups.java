package io.keelson.apiserver.authn;

import io.keelson.apiserver.request.UserInfo;
import java.util.ArrayList;
import java.util.List;

/** Adds the groups that everybody is in. */
final class Groups {
    private Groups() {}

    /** {@code system:authenticated}, unless the user already is in it or in its opposite, or is nobody. */
    static UserInfo authenticated(UserInfo user) {
        if (user.name().equals(UserInfo.ANONYMOUS.name())
                || user.in(UserInfo.AUTHENTICATED)
                || user.in(UserInfo.UNAUTHENTICATED)) {
            return user;
        }
        return with(user, UserInfo.AUTHENTICATED);
    }

    static UserInfo with(UserInfo user, String group) {
        if (user.in(group)) {
            return user;
        }
        List<String> groups = new ArrayList<>(user.groups());
        groups.add(group);
        return new UserInfo(user.name(), user.uid(), groups, user.extra());
    }
}
