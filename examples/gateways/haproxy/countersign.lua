-- The action `lua.countersign`: asks Countersign for a verdict, with the query that haproxy.cfg gives.
-- Sets txn.countersign_status, and with it the identity, or the challenge of a 401. Without an answer nothing is set.

local VERIFY = "http://countersign/gateway/verify"
local SOCKET = "abns@countersign"
local IDENTITY = { "subject", "session", "client", "roles", "scope", "email" }

-- What a verdict depends on; the rest of what the client sent is nobody's business there.
local ASKED = { "authorization", "origin", "access-control-request-method" }

local function first(headers, name)
    local values = headers and headers[name]
    return values and values[0] or ""
end

core.register_action("countersign", { "http-req" }, function(txn, query)
    local request = txn.http:req_get_headers()
    local headers = {
        ["x-forwarded-method"] = { txn.sf:method() },
        ["x-forwarded-uri"] = { txn.sf:pathq() },
        ["x-forwarded-for"] = { txn.sf:src() },
    }
    for _, name in ipairs(ASKED) do
        if request[name] then headers[name] = { request[name][0] } end
    end

    local answer = core.httpclient():get({ url = VERIFY .. query, dst = SOCKET, headers = headers })
    txn:set_var("txn.countersign_status", tostring(answer.status or 0))
    if answer.status == 401 then
        txn:set_var("txn.countersign_challenge", first(answer.headers, "www-authenticate"))
    elseif answer.status == 200 then
        for _, name in ipairs(IDENTITY) do
            txn:set_var("txn.countersign_" .. name, first(answer.headers, "x-auth-" .. name))
        end
    end
end, 1)
