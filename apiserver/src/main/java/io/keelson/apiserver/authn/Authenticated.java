package io.keelson.apiserver.authn;

import io.keelson.apiserver.request.UserInfo;
import java.util.List;

/**
 * Who somebody turned out to be.
 *
 * @param audiences of those asked for, the ones that what was shown is meant for; empty if it knows no audiences
 * @param remarks on what was shown
 */
public record Authenticated(UserInfo user, List<String> audiences, Remarks remarks) {
    public Authenticated {
        audiences = List.copyOf(audiences);
    }

    public Authenticated(UserInfo user, List<String> audiences) {
        this(user, audiences, Remarks.NONE);
    }

    public static Authenticated of(UserInfo user) {
        return new Authenticated(user, List.of());
    }
}
