/** Tests of users, roles, permissions and tokens. */
@NullMarked
package io.keelson.kvstore.auth;

import org.jspecify.annotations.NullMarked;
