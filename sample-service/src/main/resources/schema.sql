create table if not exists orders (
    id       bigint generated always as identity primary key,
    customer text not null
);

create table if not exists order_items (
    order_id bigint not null references orders on delete cascade,
    position int    not null,
    sku      text   not null,
    primary key (order_id, position)
);
