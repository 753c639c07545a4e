"""The plant's OPC UA server: address space, reads, subscriptions, writes that the plant decides.

`service` is its face; `server` puts asyncua's server together from the standard nodes (`standard_nodes`,
kept in a cache because asyncua takes 2 s to make them), the plant's nodes (`nodes`), the write hook
(`writes`), status codes (`codes`) and the server's certificate (`certificates`).
"""
